"""`python -m console`: the `newsmill` command for processes that start themselves."""

from console.cli import main

main()
