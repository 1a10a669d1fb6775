"""Use cases that send documents through the mill once more; what is stored stays until it is replaced."""
