"""Measurements of speed, memory and accuracy; see README.md."""
