"""How well a labelled set is read: its files go through parse and clean, and nothing is stored."""
