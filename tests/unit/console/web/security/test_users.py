"""Users, passwords and sessions, by a clock of the test's own."""

import pytest

from console.web.security.users import Access, Accounts, parse_users, user_line
from newsmill.errors import ConfigurationError

LINE = user_line("ada", Access.OPERATOR, "correct horse")


def test_a_line_is_a_user_and_shows_no_password() -> None:
    users = parse_users(f"# people\n\n{LINE}\n")
    assert list(users) == ["ada"]
    assert users["ada"].access is Access.OPERATOR
    assert "argon2" not in repr(users["ada"])
    assert "correct horse" not in LINE


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("ada operator", r"line 1 is not `NAME reader\|operator HASH`"),
        (f"{LINE}\nbob king {LINE.split()[2]}", r"line 2 is not"),
        ("ada operator plain-password", r"line 1 is not"),
        (f"{LINE}\n{LINE}", r"line 2 names ada again"),
    ],
)
def test_what_is_no_line_is_refused_without_a_hash(lines: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as error:
        parse_users(lines)
    assert "plain-password" not in str(error.value)


@pytest.mark.parametrize("name", ["", "two words", "tab\tbed", "a\x07"])
def test_a_name_is_one_word(name: str) -> None:
    with pytest.raises(ConfigurationError, match="has to be one word"):
        user_line(name, Access.READER, "correct horse")


def test_five_wrong_passwords_close_an_address_for_five_minutes() -> None:
    now = [0.0]
    accounts = Accounts(parse_users(LINE), clock=lambda: now[0])
    for _ in range(4):
        assert accounts.check("ada", "wrong", "10.0.0.1") is None
    assert accounts.wait_seconds("10.0.0.1") == 0
    assert accounts.check("nobody", "wrong", "10.0.0.1") is None
    assert accounts.wait_seconds("10.0.0.1") == 300
    assert accounts.wait_seconds("10.0.0.2") == 0
    now[0] = 301
    assert accounts.wait_seconds("10.0.0.1") == 0


def test_a_right_password_is_remembered_for_five_minutes_only() -> None:
    now = [0.0]
    accounts = Accounts(parse_users(LINE), clock=lambda: now[0])
    assert accounts.check("ada", "correct horse", "a") is accounts.users["ada"]
    assert accounts.check("ada", "correct horse", "a") is accounts.users["ada"]
    assert accounts.check("ada", "correct horsf", "a") is None
    now[0] = 301
    assert accounts.check("ada", "correct horse", "a") is accounts.users["ada"]


def test_a_session_ends_by_itself_and_by_logging_out() -> None:
    now = [0.0]
    accounts = Accounts(parse_users(LINE), clock=lambda: now[0])
    first, second = (accounts.begin(accounts.users["ada"]) for _ in range(2))
    assert first != second
    session = accounts.session(first)
    assert session is not None
    assert session.user.name == "ada"
    accounts.end(first)
    assert accounts.session(first) is None
    assert accounts.session("") is None
    now[0] = 12 * 3600 + 1
    assert accounts.session(second) is None
