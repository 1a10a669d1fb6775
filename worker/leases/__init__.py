"""Leases, heartbeats, and which document a process computed when it died."""
