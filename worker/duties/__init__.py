"""The sweeper and its duties, one file each."""
