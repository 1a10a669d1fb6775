"""Every exception that Newsmill raises on purpose. Its type says what should happen next.

A message names the file or document, the reason and, if there is one, the next step. It is one line, as the user reads
it in the terminal, in `newsmill show` and in the log.
"""

__all__ = ["ConfigurationError", "NewsmillError", "NoArticleError", "TerminalError", "TransientError", "UsageError"]


class NewsmillError(Exception):
    """Base of all exceptions that Newsmill raises on purpose."""


class ConfigurationError(NewsmillError):
    """The command cannot run with this configuration or installation. A person has to change something."""


class UsageError(ConfigurationError):
    """The options and arguments of a command contradict each other or say too little."""


class TransientError(NewsmillError):
    """The same call may work later without a change to it: a server is away, a disk is full."""


class TerminalError(NewsmillError):
    """The call will never work with these bytes: they are unreadable, encrypted or too large, or have no text."""


class NoArticleError(TerminalError):
    """The bytes are readable and hold no article. The document is rejected, which is no failure."""
