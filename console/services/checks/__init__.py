"""Use cases that tell whether the mill works."""
