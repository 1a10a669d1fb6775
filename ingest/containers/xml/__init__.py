"""Files of XML or SGML that hold many documents: feeds, messages of agencies, exports, dumps and corpora."""
