"""Hostile bytes: compressed bombs, every kind of broken or mislabelled encoding, and endless repetitions."""

import gzip
import json
from collections.abc import Callable

__all__ = ["BYTES", "PROSE", "fill"]

PROSE = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel. "
    "The work begins in May, costs four million crowns and will take two years, the mayor said."
)
_BROKEN = {
    "overlong": b"\xc0\xaf\xc1\xbf\xe0\x80\xaf\xf0\x80\x80\xaf",
    "surrogates": b"\xed\xa0\x80\xed\xbf\xbf",
    "truncated": b"\xe2\x82 \xf0\x9f\x92 \xc3 ",
    "above_unicode": b"\xf4\x90\x80\x80\xf5\x80\x80\x80\xf8\x88\x80\x80\x80",
    "stray_continuation": b"\x80\xbf\xa4",
    "never_in_utf8": b"\xfe\xff\xfe\xff"[::-1],
}


def fill(unit: str | bytes, size_bytes: int) -> bytes:
    """Returns `unit` in UTF-8 (with its lone surrogates), repeated up to about `size_bytes`, at least once."""
    data = unit.encode("utf-8", "surrogatepass") if isinstance(unit, str) else unit
    return data * max(1, size_bytes // len(data))


def _bomb(size_bytes: int) -> bytes:
    return gzip.compress(b"\0" * (64 * size_bytes), mtime=0)


def _nested_bomb(size_bytes: int) -> bytes:
    data = _bomb(size_bytes)
    for _ in range(8):
        data = gzip.compress(data, mtime=0)
    return data


def _broken(unit: bytes) -> Callable[[int], bytes]:
    return lambda size: fill(PROSE.encode() + b" " + unit, size)


def _only_broken(unit: bytes) -> Callable[[int], bytes]:
    return lambda size: b"\xef\xbb\xbf" + fill(unit, size)


def _charset(label: bytes, body: bytes) -> Callable[[int], bytes]:
    return lambda size: b"<html><head><meta charset=" + label + b"></head><body><p>" + fill(body, size) + b"</p>"


BYTES: dict[str, Callable[[int], bytes]] = {
    "bomb.gz": _bomb,
    "bomb.txt": _bomb,
    "bomb.html": _bomb,
    "nested_bomb.gz": _nested_bomb,
    "nested_bomb.html": _nested_bomb,
    "zip_header.json": lambda size: b"PK\x03\x04" + bytes(size),
    "one_character.txt": lambda size: fill("a", size),
    "one_space.txt": lambda size: fill(" ", size) + b"x",
    "one_bracket.html": lambda size: fill("<", size),
    "one_quote.jsonl": lambda size: b'{"text": "' + fill("a", size),
    "line_breaks.txt": lambda size: b"x" + fill("\n", size) + b"x",
    "line_breaks.jsonl": lambda size: b"{}\n{}" + fill("\n", size) + b"{}",
    "tiny_lines.txt": lambda size: fill("ab\n", size),
    "tiny_lines_of_two_spaces.txt": lambda size: fill("ab \n\n", size),
    "tiny_lines.html": lambda size: b"<html><body>" + fill("<p>a", size),
    "tiny_lines.md": lambda size: fill("a\n\n", size),
    "tiny_lines.jsonl": lambda size: fill("{}\n", size),
    "long_line.jsonl": lambda size: b'{"text": "short enough"}\n{"text": "' + fill(PROSE, size) + b'"}\n',
    **{f"utf8_{name}.txt": _broken(unit) for name, unit in _BROKEN.items()},
    **{f"utf8_{name}_only.txt": _only_broken(unit) for name, unit in _BROKEN.items()},
    "utf16_without_mark.txt": lambda size: fill(PROSE.encode("utf-16-le"), size),
    "utf16_odd.txt": lambda size: b"\xff\xfe" + fill(PROSE.encode("utf-16-le"), size) + b"x",
    "utf16_lone_surrogates.txt": lambda size: b"\xff\xfe" + fill(PROSE.encode("utf-16-le") + b"\x00\xd8", size),
    "utf16_nothing_but_surrogates.txt": lambda size: b"\xff\xfe" + fill(b"\x00\xd8", size),
    "utf32_above_unicode.txt": lambda size: b"\xff\xfe\0\0" + fill(b"\xff\xff\xff\x7f", size),
    "utf7.html": _charset(b"utf-7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4- and so it went on. "),
    "nul.txt": lambda size: fill(PROSE + "\0", size),
    "nul_every_other.txt": lambda size: fill("a\0", size),
    "nul.json": lambda size: b'{"text": "' + fill("a\\u0000\\ud800", size) + b'"}',
    "charset_lie.html": _charset(b"utf-8", "Größe und Länge der Straße. ".encode("cp1252")),
    "charset_utf16_lie.html": _charset(b"utf-16", PROSE.encode()),
    "charset_no_text.html": _charset(b"zlib", "naïve café déjà vu. ".encode("cp1252")),
    "charset_endless.html": lambda size: b"<html><meta " + fill("charset=", size) + b"'><p>" + PROSE.encode(),
    "charset_two.html": _charset(b"shift_jis><meta charset=koi8-r", b"\x81\xfd\xff\x80 and text. "),
    "charset_stateful.html": _charset(b"iso-2022-jp", b"\x1b$B$3\x1b(B text \x1b$B "),
    "high_bytes.txt": lambda size: fill(bytes(range(0x80, 0x100)) + b" a few words between them. ", size),
    "escapes.json": lambda size: b'{"text": "' + fill("\\ud83d\\ude00\\ud83d\\\\n", size) + b'"}',
    "digits.json": lambda size: b'{"text": ' + fill("9", size) + b"}",
    "exponent.json": lambda size: b'{"text": "a short text", "date": 1e' + fill("9", size) + b"}",
    "same_key.json": lambda size: b"{" + fill('"text":"a",', size) + json.dumps({"text": PROSE})[1:].encode(),
    "many_keys.json": lambda size: (
        b"{" + b"".join(b'"%d":0,' % n for n in range(size // 10)) + b'"text":"a few words"}'
    ),
    "empty_lists.json": lambda size: b'{"text":"a few words","more":[' + fill("[],", size) + b"[]]}",
    "empty_objects.json": lambda size: b'{"text":"a few words","more":[' + fill("{},", size) + b"{}]}",
    "deep.json": lambda size: fill('{"a":', size // 2) + b"1" + fill("}", size // 10),
    "deep_lists.json": lambda size: b'{"text":' + fill("[", size // 2) + fill("]", size // 2) + b"}",
    "deep_lists.jsonl": lambda size: b'{"text": "a few words"}\n' + fill("[", size),
    "nested_authors.json": lambda size: (
        b'{"text":"a few words","author":[' + b",".join([b"[" + fill('["a"],', size // 100)[:-1] + b"]"] * 100) + b"]}"
    ),
    "paragraphs.json": lambda size: b'{"text":[' + fill('"a",', size) + b'"b"]}',
}
"""Makers of hostile bytes by file name. Each takes the approximate size in bytes."""
