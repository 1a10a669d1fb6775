"""PostgreSQL: models, sessions, the ledger, the near-duplicate index, reads and migrations; no Celery and no Redis."""
