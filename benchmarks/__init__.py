"""What is fast, and how that is known; see README.md."""
