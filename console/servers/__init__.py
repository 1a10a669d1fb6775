"""Embedded PostgreSQL and Valkey, and PostgreSQL's client programs."""
