"""Languages: the model that Newsmill has, and what other detectors reach."""
