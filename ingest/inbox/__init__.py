"""A watched folder: which files are finished, and when."""
