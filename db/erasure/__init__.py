"""Takes documents, files and blobs out for good."""
