"""The `newsmill` command: options, words, questions."""
