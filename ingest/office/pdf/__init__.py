"""PDF: the lines of its text layer, and the paragraphs that they make."""
