"""Cluster labels in PostgreSQL: reads what the pure function `ingest.clusters` needs, and writes what it says.

Labels change under one transaction-level advisory lock: with a single lock there is no order to get wrong, no deadlock
and no lost merge, and a batch holds it for milliseconds.
"""
