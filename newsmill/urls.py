"""URLs of servers, and the passwords in them."""

from urllib.parse import quote, unquote, urlsplit, urlunsplit

from newsmill.errors import ConfigurationError

__all__ = ["with_password"]


def with_password(url: str, password: str, name: str) -> str:
    """Returns the URL with this password. Raises ConfigurationError if it has another, as one of them must be wrong."""
    try:
        parts = urlsplit(url)
    except ValueError:  # the connection fails later, with a message that does not show the URL
        return url
    user, _, host = parts.netloc.rpartition("@")
    user, colon, present = user.partition(":")
    if colon and unquote(present) != password:
        raise ConfigurationError(f"the URL holds a password, and {name} is another: keep one of them")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))
