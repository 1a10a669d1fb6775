"""Documents in XML or SGML: items of feeds, the standards of agencies, scanned pages, corpora."""
