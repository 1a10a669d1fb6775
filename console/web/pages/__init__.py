"""The pages of the web console: HTML that reads without JavaScript."""
