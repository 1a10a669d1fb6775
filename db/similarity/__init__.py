"""The near-duplicate index in PostgreSQL, its groups, recurring passages and clusters."""
