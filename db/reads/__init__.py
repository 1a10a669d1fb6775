"""What roles and commands look up; nothing here changes a row."""
