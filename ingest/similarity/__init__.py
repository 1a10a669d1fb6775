"""Near-duplicates as pure functions: fingerprints, the pair rule, passages, clusters, and the reference for all."""
