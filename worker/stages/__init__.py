"""The stages: how a worker runs one batch through one stage."""
