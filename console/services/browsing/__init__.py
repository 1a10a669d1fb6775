"""What people look through, as the terminal, the API and the pages ask for it."""
