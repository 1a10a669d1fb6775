"""Servers that tests start, and what they put before a server or under it."""
