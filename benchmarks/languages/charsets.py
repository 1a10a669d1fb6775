"""Guesses of charsets compared: `python -m benchmarks.languages.charsets FILE`.

FILE is JSON Lines: objects with `text` and `language` (ISO 639-1). Each text is written in the charsets that its
language was once written in, and in UTF-16 without a mark. It prints the share that becomes the same text again, for
Newsmill and for charset_normalizer alone, and milliseconds of CPU for each.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Final

from ingest.text.decode import decode

_WESTERN: Final = "cp1252 iso8859-15 cp850 cp437 mac-roman"
_CENTRAL: Final = "cp1250 iso8859-2 cp852"
_BALTIC: Final = "cp1257 iso8859-13 cp775"
_CYRILLIC: Final = "cp1251 koi8-r cp866 iso8859-5 mac-cyrillic"
_CHARSETS: Final = {
    **dict.fromkeys(("de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "is"), _WESTERN),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl"), _CENTRAL),
    **dict.fromkeys(("lt", "lv", "et"), _BALTIC),
    **dict.fromkeys(("ru", "bg"), _CYRILLIC),
    "uk": "cp1251 koi8-u iso8859-5 mac-cyrillic",
    "tr": "cp1254 cp857 mac-turkish",
    "el": "cp1253 iso8859-7 cp737",
    "he": "cp1255 iso8859-8",
    "ar": "cp1256 iso8859-6",
    "th": "cp874",
    "ja": "cp932 euc-jp iso2022-jp",
    "zh": "gb18030 big5hkscs",
    "ko": "cp949",
}
_UTF16: Final = "utf-16-le utf-16-be"
_PLAIN: Final = {"“": '"', "”": '"', "’": "'", "–": "-"}


def main() -> None:
    parser = ArgumentParser(description=__doc__, prog="python -m benchmarks.languages.charsets")
    parser.add_argument("file", type=Path)
    rows = [json.loads(line) for line in parser.parse_args().file.read_text(encoding="utf-8").splitlines()]
    written = [
        one
        for row in rows
        for codec in f"{_CHARSETS.get(row['language'], '')} {_UTF16}".split()
        if (one := _written(row["text"], codec))
    ]
    for name, read in (("newsmill", decode), ("charset_normalizer", _normalized)):
        began = process_time()
        right = sum(_read(read, data) == text for text, data in written)
        spent = process_time() - began
        print(f"{name}: {right / len(written):.3f} of {len(written):,}, {spent / len(written) * 1e3:.1f} ms")


def _written(text: str, codec: str) -> tuple[str, bytes] | None:
    """The text as it can be written in the charset, and its bytes; None where it cannot, or is ASCII there."""
    for mark, plain in _PLAIN.items():
        if not mark.encode(codec, "ignore"):
            text = text.replace(mark, plain)
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        return None
    return None if data == text.encode("ascii", "ignore") else (text, data)


def _read(read: Callable[[bytes], str], data: bytes) -> str | None:
    try:
        return read(data)
    except Exception:
        return None


def _normalized(data: bytes) -> str:
    from charset_normalizer import from_bytes

    return str(from_bytes(data).best())


if __name__ == "__main__":
    main()
