"""Documents of office programs, books, mails and PDF: their packages, their paragraphs, their properties."""
