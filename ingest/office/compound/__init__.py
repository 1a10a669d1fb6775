"""Documents of Microsoft Office before 2007: files in one file, each in binary records of its own."""
