"""File names: which files and folders are left alone, and how a name is written down."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Final

__all__ = ["LEFT_ALONE", "LeftAlone", "Names", "is_wanted", "left_alone_table", "names_with", "path_text", "printable"]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """Names that are left alone, as glob patterns without case, of files or of folders, and what they are."""

    what: str
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def _named(what: str, files: str = "", folders: str = "") -> LeftAlone:
    """Returns the names, which stand with "|" between them, as some hold spaces."""
    return LeftAlone(what, *(tuple(filter(None, names.split("|"))) for names in (files, folders)))


LEFT_ALONE: Final = (
    # What begins with a dot holds most of them: .DS_Store, ._name, .~lock.name#, .goutputstream-…, .nfs…, .Trash-1000,
    # .syncthing.name.tmp, .@__thumb, .Spotlight-V100.
    _named("hidden", ".*", ".*"),
    _named(
        "an unfinished download or copy",
        "*.part|*.partial|*.filepart|*.crdownload|*.download|*.opdownload|*.aria2|*.!ut|*.!qb|*.bc!|*.tmp|*.temp|*.gstmp",
        "*.download|*.crdownload|*.part|*.partial",
    ),
    _named("a copy or swap file of an editor", "*~|*.swp|*.swo|*.swx|#*#|~$*|~wrl*.tmp"),
    _named("a lock", "*.lock|*.lck|~lock.*#"),
    _named(
        "a checksum or signature",
        "*.md5|*.sha1|*.sha224|*.sha256|*.sha384|*.sha512|*.sfv|*.md5sum|*.sha1sum|*.sha256sum|*.sha512sum|*.b2|*.asc"
        "|*.sig|*.minisig|md5sum|md5sums|sha1sum|sha1sums|sha224sums|sha256sum|sha256sums|sha384sums|sha512sum|sha512sums"
        "|b2sums",
    ),
    _named("a file of Windows or macOS", "thumbs.db|ehthumbs.db|ehthumbs_vista.db|desktop.ini|icon\r"),
    _named(
        "a bin, cache or snapshot of a system or NAS",
        "",
        "#recycle|#snapshot|$recycle.bin|recycler|recycled|@eadir|@recycle|@recently-snapshot|@tmp|~snapshot"
        "|system volume information|lost+found|found.[0-9][0-9][0-9]|__macosx|network trash folder|temporary items"
        "|thevolumesettingsfolder",
    ),
)
"""What no article is dropped as."""


class Names:
    """The names that are left alone: those of LEFT_ALONE, and patterns of the user's for files and folders."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        kinds = [*LEFT_ALONE, *(LeftAlone(f"ignored by NEWSMILL_IGNORE ({p})", (p,), (p,)) for p in patterns)]
        self._files = _Matcher([(kind.what, kind.files) for kind in kinds])
        self._folders = _Matcher([(kind.what, kind.folders) for kind in kinds])

    def why_not_file(self, name: str) -> str | None:
        """Returns what a file of this name (its last part) is, if it is left alone; None for one that is taken."""
        return self._files.what(name)

    def why_not_folder(self, name: str) -> str | None:
        """Returns what a folder of this name is, if neither it nor what lies in it is looked at."""
        return self._folders.what(name)

    def why_not_named(self, name: str, *, is_folder: bool) -> str | None:
        """Returns what a file or folder is that somebody names, if it is left alone all the same.

        A hidden one is taken: no wildcard of a shell names it.
        """
        if name.startswith(".") or not name:
            return None
        return self.why_not_folder(name) if is_folder else self.why_not_file(name)

    def why_not_path(self, parts: Sequence[str]) -> tuple[str, str] | None:
        """Returns the first part of a path that is left alone, and what it is; its last part is a file."""
        for name in parts[:-1]:
            if what := self.why_not_folder(name):
                return name, what
        what = self.why_not_file(parts[-1]) if parts else None
        return (parts[-1], what) if what else None


class _Matcher:
    """Tells what a name is by patterns; endings and whole names need no regular expression, which costs more."""

    def __init__(self, kinds: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._endings: dict[str, str] = {}
        self._whole: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        for what, patterns in kinds:
            for pattern in patterns:
                folded = pattern.lower()
                if not re.search(r"[*?\[]", folded):
                    self._whole.setdefault(folded, what)
                elif folded[0] == "*" and not re.search(r"[*?\[]", folded[1:]):
                    self._endings.setdefault(folded[1:], what)
                else:
                    self._patterns.append((re.compile(translate(folded), re.DOTALL), what))
        self._suffixes = tuple(self._endings)

    def what(self, name: str) -> str | None:
        folded = name.lower()
        if found := self._whole.get(folded):
            return found
        if folded.endswith(self._suffixes):
            return next(what for ending, what in self._endings.items() if folded.endswith(ending))
        return next((what for pattern, what in self._patterns if pattern.match(folded)), None)


@lru_cache(maxsize=16)
def names_with(patterns: tuple[str, ...] = ()) -> Names:
    """Returns the names that are left alone when the user adds these patterns."""
    return Names(patterns)


def is_wanted(name: str) -> bool:
    """Tells whether a file of this name (its last part) is taken where the user adds no patterns."""
    return names_with().why_not_file(name) is None


def left_alone_table() -> str:
    """Returns the names as a table in Markdown, for the documentation."""
    rows = [f"| {kind.what} | {_cell(kind.files)} | {_cell(kind.folders)} |" for kind in LEFT_ALONE]
    return "\n".join(["| what | files | folders |", "|---|---|---|", *rows])


def _cell(patterns: Sequence[str]) -> str:
    return ", ".join(f"`{pattern}`".replace("\r", "\\r") for pattern in patterns)


def printable(path: str) -> str:
    """Returns the path on one line that any terminal and log can show."""
    return path if path.isprintable() else ascii(path)[1:-1]


def path_text(path: str) -> str:
    """Returns the path as text, with \\xNN for bytes that are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
