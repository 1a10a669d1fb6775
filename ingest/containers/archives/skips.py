"""What lies in archives beside documents: marks of other programs, and files without a text to read."""

from pathlib import PurePosixPath
from typing import Final

__all__ = ["skip_reason"]

_SYSTEM_FOLDERS = frozenset({"__MACOSX", ".git", ".svn", "$RECYCLE.BIN", "@eaDir"})
_SYSTEM_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db", ".directory"})

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"\x00\x00\x01\x00", "an image"),
    (b"8BPS", "an image"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"fLaC", "sound"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"OTTO", "a font"),
    (b"\x00\x01\x00\x00", "a font"),
)
_RIFF = {b"WEBP": "an image", b"WAVE": "sound", b"AVI ": "a film"}
_BOX_TYPE = slice(4, 8)  # where the first box of an MP4 says what it is, ISO/IEC 14496-12
_BRAND = slice(8, 12)
_IMAGE_BRANDS = (b"hei", b"avif", b"mif1")
# Text, or packed as others are, so that only the name tells.
_ENDINGS: Final = {
    "a style sheet": ".css .scss .less",
    "a script": ".js .mjs .map .ts",
    "an image": ".svg .bmp .ico .eps .psd",
    "a font": ".ttf .otf .eot .woff",
    "a program": ".class .java .jar .war .jsp .php .py .pyc .rb .c .cpp .h .hpp .cs .go .rs .sh .bat .exe .dll .so",
    "a configuration": ".properties .prefs .ini .cfg .conf .toml .mf .lock",
}
_REASONS: Final = {ending: reason for reason, endings in _ENDINGS.items() for ending in endings.split()}


def skip_reason(name: str, head: bytes) -> str | None:
    """Returns why a file of this name and with these first bytes is no document; None if it may be one."""
    path = PurePosixPath(name.replace("\\", "/"))
    if not _SYSTEM_FOLDERS.isdisjoint(path.parts):
        return "a file of the system"
    if path.name.lower() in _SYSTEM_FILES or path.name.startswith("._"):
        return "a file of the system"
    if any(part.startswith(".") and part.strip(".") for part in path.parts):
        return "a hidden file"  # as the watcher leaves alone
    if not head:
        return None
    for magic, reason in _SIGNATURES:
        if head.startswith(magic):
            return reason
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[_BRAND])
    if head[_BOX_TYPE] == b"ftyp":
        return "an image" if head[_BRAND].startswith(_IMAGE_BRANDS) else "a film"
    return _REASONS.get(path.suffix.lower())
