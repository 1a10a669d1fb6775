"""What formats of markup have in common: how a web page is recognised, read, and what it says of itself."""
