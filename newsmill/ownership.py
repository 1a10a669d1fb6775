"""Who else may write to a file or folder that a process is about to trust."""

import grp
import os
import pwd
import stat
from pathlib import Path

from newsmill.errors import ConfigurationError

__all__ = ["distrust", "require_own_home"]


def distrust(found: os.stat_result) -> str | None:
    """Returns why somebody else could have written what has this stat; None where only this user and root can.

    A group without other members counts as its only one: many systems give each user such a group and leave files
    writable to it, and a volume of Kubernetes belongs to root and to a group (fsGroup) that no other user is in.
    """
    if found.st_uid not in (os.geteuid(), 0):
        return f"it belongs to {_name_of(found.st_uid)}, and this runs as {_name_of(os.geteuid())}"
    if stat.S_ISLNK(found.st_mode):
        return None  # its mode means nothing
    if found.st_mode & stat.S_IWOTH:
        return "everybody may write to it"
    if found.st_mode & stat.S_IWGRP and (others := _other_members(found.st_gid)):
        return f"its group may write to it, and {others[0]} is in that"
    return None


def require_own_home(home: Path) -> None:
    """Refuses a home folder that somebody else may have prepared, and links in it; one that is not there is fine.

    Whoever writes to a home decides which program runs as the server's data says, and which files are truncated as
    logs. Raises ConfigurationError in one line.
    """
    try:
        reason = distrust(home.lstat()) or distrust(home.stat())
        entries = [] if reason else [(entry.path, entry.stat(follow_symlinks=False)) for entry in os.scandir(home)]
    except OSError:  # whoever opens something in it says what is wrong
        return
    if reason:
        raise ConfigurationError(f"the home {home} is not used: {reason}; set NEWSMILL_HOME to a folder of yours")
    for path, found in entries:
        if stat.S_ISLNK(found.st_mode):
            raise ConfigurationError(
                f"{path} is a link, and nothing in a home is opened through one: move there what it names, or set"
                " NEWSMILL_HOME, NEWSMILL_DATABASE_URL or NEWSMILL_BLOB_URL"
            )
        if reason := distrust(found):
            raise ConfigurationError(f"{path} is not used: {reason}; remove it, or set NEWSMILL_HOME to another folder")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _other_members(gid: int) -> list[str]:
    try:
        named = set(grp.getgrgid(gid).gr_mem)
    except KeyError:
        named = set()
    own = {os.geteuid(), 0}
    members = {user.pw_name: user.pw_uid for user in pwd.getpwall() if user.pw_gid == gid or user.pw_name in named}
    return sorted(name for name, uid in members.items() if uid not in own)
