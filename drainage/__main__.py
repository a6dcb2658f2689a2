"""Run the command line: ``python -m drainage``."""

from drainage.cli import main

main()
