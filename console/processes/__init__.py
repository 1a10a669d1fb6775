"""The roles as processes, and who watches over them."""
