"""The blob store: raw bytes under their SHA-256."""
