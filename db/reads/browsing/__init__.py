"""What people look through: documents by filter, and the corpus by words; a page at a time, the newest first."""
