"""Archives and compressed files: members as they lie in them, by offset."""
