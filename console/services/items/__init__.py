"""Use cases about one file or document, named by a path or an id."""
