"""The ledger's guarantees, statement by statement, on a real PostgreSQL."""
