"""What is scored against labelled data, none of which comes with Newsmill: web pages, and clusters of texts."""
