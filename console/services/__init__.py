"""Use cases: typed requests in, frozen dataclasses out."""
