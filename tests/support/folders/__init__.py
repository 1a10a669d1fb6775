"""Folders that are watched, or that belong to somebody else."""
