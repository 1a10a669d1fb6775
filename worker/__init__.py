"""Moves documents: intake, dispatch, the stage tasks on Celery, leases and the sweeper."""
