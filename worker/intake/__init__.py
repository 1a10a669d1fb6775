"""Intake: takes stable files from the inbox and registers them."""
