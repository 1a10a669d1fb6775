"""What unpacking archives and archives of the web costs."""
