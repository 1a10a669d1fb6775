"""Use cases that take documents out for good, or let forgotten bytes be taken again."""
