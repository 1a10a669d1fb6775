"""Tables and arrays: files whose documents are rows or objects, and how each becomes a JSON object."""
