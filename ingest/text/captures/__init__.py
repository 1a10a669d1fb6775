"""The records of crawlers as bytes: their heads, and the answers of servers in them."""
