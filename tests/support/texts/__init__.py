"""Texts that tests read, and what they read of them."""
