"""From bytes to text: charsets, Unicode repair."""
