"""Programs of ours as the tests run them: preloaded, misbehaving on demand, or of a later version."""
