"""A document and what is done to it: pure of Celery and SQL, bytes and values in, values out."""
