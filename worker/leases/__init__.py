"""Leases, heartbeats, and who was at work when a process died."""
