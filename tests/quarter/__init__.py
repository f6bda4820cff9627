"""A simulated quarter: what happened, what must follow from it, and the runs that tell it."""
