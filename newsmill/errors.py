"""Every exception Newsmill raises on purpose, told apart by what should happen next.

A message names the file or document, the reason and, where there is one, the next step, on one line: it is what the
user reads in the terminal, in `newsmill show` and in the log.
"""

__all__ = ["ConfigurationError", "NewsmillError", "NoArticleError", "TerminalError", "TransientError", "UsageError"]


class NewsmillError(Exception):
    """Base of all exceptions that Newsmill raises on purpose."""


class ConfigurationError(NewsmillError):
    """The command cannot run as it is configured or installed; a person has to change something."""


class UsageError(ConfigurationError):
    """What was typed does not go together, or says too little."""


class TransientError(NewsmillError):
    """It may well work later, without anyone doing anything: a server is away, a disk is full."""


class TerminalError(NewsmillError):
    """It will never work with these bytes: unreadable, encrypted, too large, no text."""


class NoArticleError(TerminalError):
    """The bytes were read without fault and hold no article: the document is rejected, which is no failure."""
