"""Use cases that write a backup into a folder, and bring one back."""
