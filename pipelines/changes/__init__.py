"""What changed between two releases, and why: every figure, rank and score, split by cause.

What belongs here: which causes there are between two releases (`causes.py`), figures under part of
them (`worlds.py`), the split (`split.py`), where it is kept (`record.py`), and the question of the
terminal (`difference.py`). What does not: how releases are made and what a page shows of this.

Causes are let in one after another, in the order of `causes.ORDER`, and the steps of a run tell all
figures after each. What a figure moves at a step is due to that step's cause, so the parts add up
to the whole change whatever the causes do to one another; where two of them meet in one figure,
what only both together bring is counted with the later one.
"""
