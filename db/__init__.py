"""PostgreSQL: models, sessions, the ledger, clusters, queries, migrations. It knows nothing of Celery or Redis."""
