"""Captures of the web: the records of crawlers, each of one answer."""
