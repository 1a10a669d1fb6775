"""Wikitext, before its parser sees it."""
