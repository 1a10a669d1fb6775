"""The fields of an article: their names in sources, dates, and what each value becomes."""
