"""What a stage task does with a batch."""
