"""What the sweeper does, pass by pass."""
