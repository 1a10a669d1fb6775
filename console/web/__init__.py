"""The web console and the HTTP API: both call the use cases that the command line calls."""
