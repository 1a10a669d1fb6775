"""What tests of containers need."""
