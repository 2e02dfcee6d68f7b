"""`python -m adlabm`: the command line."""

from adlabm.cli import main

main()
