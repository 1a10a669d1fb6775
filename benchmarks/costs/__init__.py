"""What each step costs for the worst texts that we can make: whether its time is linear in them, and small."""
