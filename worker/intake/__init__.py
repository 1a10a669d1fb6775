"""From a finished file to its registration."""
