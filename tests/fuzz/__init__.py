"""Coverage-guided fuzzing of parse and clean."""
