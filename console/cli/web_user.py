"""`newsmill web-user`: the line of a user for NEWSMILL_WEB_USERS."""

import sys
from getpass import getpass
from typing import Annotated

import typer

from console.cli.command import command, err
from newsmill.errors import ConfigurationError, UsageError

__all__ = ["web_user"]

_LEAST_CHARACTERS = 8


@command("web-user")
def web_user(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with; one word.")],
    role: Annotated[
        str, typer.Option(metavar="reader|operator", help="What they may do: read, or change things as well.")
    ] = "reader",
) -> None:
    """Print the line of a user for NEWSMILL_WEB_USERS or its file; asks for the password, or reads it from a pipe."""
    from console.web.security.users import Access, user_line

    if role not in list(Access):
        raise UsageError(f"--role {role}: choose reader or operator")
    if sys.stdin.isatty():
        password = getpass("password: ", stream=sys.stderr)
        if getpass("again: ", stream=sys.stderr) != password:
            raise ConfigurationError("the two passwords differ; nothing was printed")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < _LEAST_CHARACTERS:
        raise ConfigurationError(f"a password has at least {_LEAST_CHARACTERS} characters")
    sys.stdout.write(user_line(name, Access(role), password) + "\n")
    err.print("add the line to the file that NEWSMILL_WEB_USERS_FILE names, and start `newsmill serve` anew")
