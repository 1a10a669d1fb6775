"""Exports of databases that are no plain text: web pages with many documents, and documents and mails around them."""
