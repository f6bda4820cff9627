"""All that knows Dagster: what there is, in which order it is made, who owns it.

What belongs here: assets, checks, jobs, schedules, resources. What does not: any rule of the
domain. A body gets its resources, calls one function of the domain and returns counts; its
docstring is written for the analyst who reads the catalogue.
"""
