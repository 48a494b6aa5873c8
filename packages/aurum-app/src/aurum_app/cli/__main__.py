"""`python -m aurum_app.cli`: the command line without its script."""

from aurum_app.cli import main

main()
