"""What a command costs to start."""
