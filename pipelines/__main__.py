"""`python -m pipelines` is `nq57`."""

from pipelines.cli import main

main()
