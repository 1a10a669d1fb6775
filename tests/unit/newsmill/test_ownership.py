"""A home or `.env` that somebody else may have prepared is refused in one line that says why."""

import grp
import os
import pwd
from pathlib import Path

import pytest

from newsmill.errors import ConfigurationError
from newsmill.ownership import distrust, require_own_home
from newsmill.settings import load_settings, unknown_variables
from tests.support.folders.foreign import make_foreign


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "logs").mkdir()
    return home


def refusal(home: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        require_own_home(home)
    return str(caught.value)


def test_an_own_home_and_none_at_all_are_fine(home: Path, tmp_path: Path) -> None:
    require_own_home(home)
    require_own_home(tmp_path / "none")
    (tmp_path / "named").symlink_to(home)
    require_own_home(tmp_path / "named")


def test_a_home_of_another_user_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_foreign(home, monkeypatch)
    said = refusal(home)
    assert said.startswith(f"the home {home} is not used: it belongs to ")
    assert said.endswith("; set NEWSMILL_HOME to a folder of yours")
    assert "\n" not in said


def test_a_link_that_another_user_made_leads_to_no_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to(home)
    make_foreign(link, monkeypatch)
    assert refusal(link).startswith(f"the home {link} is not used: it belongs to ")


@pytest.mark.parametrize("name", ["postgres", "blobs", "logs", "workers.log"])
def test_a_link_in_a_home_is_refused(home: Path, tmp_path: Path, name: str) -> None:
    (home / "logs").rmdir()
    (home / name).symlink_to(tmp_path)
    assert refusal(home).startswith(f"{home / name} is a link, and nothing in a home is opened through one: ")


def test_what_another_user_left_in_a_home_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "postgres").mkdir()
    make_foreign(home / "postgres", monkeypatch)
    assert "it belongs to " in refusal(home)


def test_a_home_to_which_everybody_may_write_is_refused(home: Path) -> None:
    home.chmod(0o777)
    assert refusal(home).startswith(f"the home {home} is not used: everybody may write to it; ")


@pytest.mark.parametrize(("members", "refused"), [([], False), (["me"], False), (["me", "somebody"], True)])
def test_a_group_that_may_write_counts_where_others_are_in_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, members: list[str], refused: bool
) -> None:
    home.chmod(0o770)
    users = [pwd.struct_passwd((name, "x", uid, 99999, "", "/", "")) for name, uid in
             [("me", os.geteuid()), ("somebody", 54321), ("root", 0)]]  # fmt: skip
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group(("writers", "x", gid, members)))
    monkeypatch.setattr(pwd, "getpwall", lambda: users)
    reason = distrust(home.stat())
    assert reason == ("its group may write to it, and somebody is in that" if refused else None)


def test_a_group_that_has_no_entry_has_no_other_members(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a volume in a container: it belongs to root and a number."""

    def unknown(gid: int) -> grp.struct_group:
        raise KeyError(gid)

    home.chmod(0o2770)
    monkeypatch.setattr(grp, "getgrgid", unknown)
    monkeypatch.setattr(pwd, "getpwall", list)
    assert distrust(home.stat()) is None


def test_settings_of_another_user_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(".env")
    path.write_text("NEWSMILL_BLOB_URL=file:///elsewhere\nNEWSMILL_HOEM=x\n")
    make_foreign(path, monkeypatch)
    for read in (load_settings, unknown_variables):
        with pytest.raises(ConfigurationError) as caught:
            read()
        assert str(caught.value).startswith(f"{path.absolute()} is not read: it belongs to ")


def test_settings_behind_the_link_of_another_user_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings").write_text("NEWSMILL_WORKERS=7\n")
    Path(".env").symlink_to(tmp_path / "settings")
    assert load_settings().workers == 7
    load_settings.cache_clear()
    make_foreign(Path(".env"), monkeypatch)
    with pytest.raises(ConfigurationError, match="is not read: it belongs to "):
        load_settings()


def test_settings_to_which_everybody_may_write_are_not_read() -> None:
    Path(".env").write_text("NEWSMILL_WORKERS=7\n")
    Path(".env").chmod(0o666)
    with pytest.raises(ConfigurationError, match=r"is not read: everybody may write to it; run newsmill in another"):
        load_settings()


def test_a_folder_or_pipe_of_that_name_holds_no_settings() -> None:
    os.mkfifo(".env")
    assert load_settings().home == Path.cwd() / ".newsmill"
