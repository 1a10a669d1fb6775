"""OpenDocument: texts and presentations as LibreOffice and others write them."""
