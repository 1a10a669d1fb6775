"""What the documentation is made and checked with: generated tables, pictures, links, and the commands it shows."""
