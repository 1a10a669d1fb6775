"""From a parsed document to the article alone."""
