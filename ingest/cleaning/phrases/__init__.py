"""What stands around articles, as data: a TOML file a language, loaded and described by `phrase_book`."""
