"""Run by Alembic for every command: online only, on the connection that `db.migrating` hands over."""

from alembic import context

from db.index_models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
