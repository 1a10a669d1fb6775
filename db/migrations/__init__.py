"""Alembic's environment; `db/migrating.py` runs it."""
