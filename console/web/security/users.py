"""Users, their passwords and their sessions.

A user is a line "name role hash" of `NEWSMILL_WEB_USERS`. Sessions live in this process: after a restart people log in
again.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from threading import Lock
from time import monotonic
from types import MappingProxyType
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from newsmill.errors import ConfigurationError

__all__ = ["Access", "Accounts", "Session", "User", "parse_users", "user_line"]

_SESSION_SECONDS: Final = 12 * 3600.0
_MAX_SESSIONS: Final = 1000
_TRIES: Final = 5
_TRIES_SECONDS: Final = 300.0
_REMEMBERED_SECONDS: Final = 300.0
_MAX_REMEMBERED: Final = 10_000
_hasher: Final = PasswordHasher()


class Access(StrEnum):
    """What a user may do: read, or change things as well."""

    READER = "reader"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class User:
    """A user; `hash` is the password's, by argon2."""

    name: str
    access: Access
    hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A login. `csrf` is what its forms send along."""

    user: User
    csrf: str = field(repr=False)
    ends: float


def user_line(name: str, access: Access, password: str) -> str:
    """Returns the line of `NEWSMILL_WEB_USERS` for a user. Raises ConfigurationError for a name with spaces."""
    if not name or not name.isprintable() or any(c.isspace() for c in name):
        raise ConfigurationError(f"{name!r} is no name of a user: it has to be one word")
    return f"{name} {access} {_hasher.hash(password)}"


def parse_users(lines: str) -> Mapping[str, User]:
    """Returns the users by name. Raises ConfigurationError for a line that is none; it shows no hash."""
    users: dict[str, User] = {}
    for number, line in enumerate(lines.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 3 or words[1] not in list(Access) or not words[2].startswith("$argon2"):  # noqa: PLR2004
            raise ConfigurationError(
                f"NEWSMILL_WEB_USERS: line {number} is not `NAME reader|operator HASH`; `newsmill web-user` prints one"
            )
        if words[0] in users:
            raise ConfigurationError(f"NEWSMILL_WEB_USERS: line {number} names {words[0]} again; keep one of them")
        users[words[0]] = User(words[0], Access(words[1]), words[2])
    return MappingProxyType(users)


class Accounts:
    """Checks passwords and keeps sessions; for several threads."""

    def __init__(self, users: Mapping[str, User], *, clock: Callable[[], float] = monotonic) -> None:
        self.users = users
        self._clock = clock
        self._lock = Lock()
        self._sessions: dict[bytes, Session] = {}
        self._tries: dict[str, list[float]] = {}
        self._remembered: dict[bytes, float] = {}
        self._key = secrets.token_bytes(32)
        # Who does not exist takes as long to refuse as who does.
        self._nobody = _hasher.hash(secrets.token_hex(16)) if users else ""

    def wait_seconds(self, address: str) -> float:
        """Returns how long this address has to wait after too many wrong passwords; 0 if not at all."""
        now = self._clock()
        with self._lock:
            tries = [at for at in self._tries.get(address, []) if now - at < _TRIES_SECONDS]
            if tries:
                self._tries[address] = tries
            else:
                self._tries.pop(address, None)
            return tries[-_TRIES] + _TRIES_SECONDS - now if len(tries) >= _TRIES else 0.0

    def check(self, name: str, password: str, address: str) -> User | None:
        """Returns the user whose password it is, else None, and notes the try. Takes some 50 ms of CPU.

        What was right is remembered for five minutes as a keyed hash: programs send it with each call.
        """
        mark = sha256(self._key + name.encode() + b"\0" + password.encode()).digest()
        now = self._clock()
        with self._lock:
            if self._remembered.get(mark, 0.0) > now:
                return self.users.get(name)
        user = self.users.get(name)
        try:
            _hasher.verify(user.hash if user else self._nobody, password)
        except (VerificationError, InvalidHashError):
            user = None
        with self._lock:
            if user is None:
                if len(self._tries) >= _MAX_REMEMBERED:
                    self._tries.clear()
                self._tries.setdefault(address, []).append(now)
            else:
                if len(self._remembered) >= _MAX_REMEMBERED:
                    self._remembered.clear()
                self._remembered[mark] = now + _REMEMBERED_SECONDS
        return user

    def begin(self, user: User) -> str:
        """Begins a session; returns the token for its cookie, of which only the hash is kept."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._sessions) >= _MAX_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
            ends = self._clock() + _SESSION_SECONDS
            self._sessions[_hash(token)] = Session(user, secrets.token_urlsafe(32), ends)
        return token

    def session(self, token: str) -> Session | None:
        """Returns the session of a token, unless it has ended."""
        with self._lock:
            session = self._sessions.get(_hash(token))
            if session is not None and session.ends < self._clock():
                del self._sessions[_hash(token)]
                return None
            return session

    def end(self, token: str) -> None:
        """Ends the session, if there is one."""
        with self._lock:
            self._sessions.pop(_hash(token), None)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
