"""The HTTP API, as JSON below /api/v1."""
