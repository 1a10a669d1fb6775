"""Generates bulk loads of any size and writes them as it goes: a JSON Lines file, and a folder of small files."""

import json
from pathlib import Path
from typing import BinaryIO

import numpy as np

__all__ = ["write_json_lines", "write_small_files", "write_wide_line"]

_SYLLABLES = [c + v for c in "bdfghklmnprstv" for v in "aeo"]
_WORDS = np.array([a + b + c for c in ("", *_SYLLABLES) for a in _SYLLABLES for b in _SYLLABLES])
_WEIGHTS = np.cumsum(1 / (np.arange(len(_WORDS)) + 8))  # Zipf's law, flattened at the head (Mandelbrot 1953)
_WORD_BYTES = 6
_SENTENCE_WORDS = 14
_PARAGRAPH_SENTENCES = 4

_ORDINARY_BYTES = (10_000, 60_000)
_LONG_BYTES = (1_000_000, 6_000_000)
_LONG_EVERY = 500
_COPY_EVERY = 5
_SMALL_BYTES = (600, 1_400)
_COPIES_OF_SMALL = 4
_FILES_PER_FOLDER = 10_000
_CHUNK_BYTES = 1024 * 1024


def write_json_lines(
    path: Path, size_bytes: int, *, with_long: bool = True, oversized_bytes: int = 0, seed: int = 1
) -> int:
    """Writes lines until the file has this many bytes; returns the number of lines.

    Most lines have 10 to 60 kB. With `with_long`, every 500th has 1 to 6 MB. Every fifth repeats an earlier text under
    another title. With `oversized_bytes`, one line in the middle has that size.
    """
    lines = 0
    with path.open("wb") as file:
        while file.tell() < size_bytes:
            if oversized_bytes and file.tell() >= size_bytes // 2:
                write_wide_line(file, oversized_bytes)
                oversized_bytes = 0
            else:
                file.write(_line(seed, lines, with_long=with_long))
            lines += 1
    return lines


def write_wide_line(file: BinaryIO, size_bytes: int) -> None:
    """Writes one line of JSON of this many bytes, with its line break, and never keeps it whole in memory."""
    head, tail = b'{"title": "An endless story", "text": "', b'"}\n'
    left = size_bytes - len(head) - len(tail)
    words = (" ".join(_WORDS[:500].tolist()) + " ").encode()
    chunk = words * (_CHUNK_BYTES // len(words) + 1)
    file.write(head)
    while left > 0:
        left -= file.write(chunk[:left])
    file.write(tail)


def write_small_files(folder: Path, count: int, *, seed: int = 1) -> None:
    """Writes text files of about 1 kB into subfolders of 10,000. No two have the same bytes; four each share words."""
    for number in range(count):
        if number % _FILES_PER_FOLDER == 0:
            here = folder / f"{number // _FILES_PER_FOLDER:04d}"
            here.mkdir(parents=True)
        story, copy = divmod(number, _COPIES_OF_SMALL)
        text = _text(np.random.default_rng((seed, 1, story)), *_SMALL_BYTES)
        (here / f"{number:07d}.txt").write_text(text + "\n" * (copy + 1))


def _line(seed: int, number: int, *, with_long: bool) -> bytes:
    is_long = with_long and number % _LONG_EVERY == _LONG_EVERY // 2
    is_copy = not is_long and number % _COPY_EVERY == _COPY_EVERY - 1
    told = number - _COPY_EVERY + 1 if is_copy else number
    text = _text(np.random.default_rng((seed, 0, told)), *(_LONG_BYTES if is_long else _ORDINARY_BYTES))
    return json.dumps({"title": f"Report {number}", "text": text}).encode() + b"\n"


def _text(random: np.random.Generator, least_bytes: int, most_bytes: int) -> str:
    count = int(random.integers(least_bytes, most_bytes)) // _WORD_BYTES
    places = np.searchsorted(_WEIGHTS, random.random(count) * _WEIGHTS[-1])
    words: list[str] = _WORDS[places].tolist()
    sentences = [
        " ".join(words[start : start + _SENTENCE_WORDS]).capitalize() + "."
        for start in range(0, count, _SENTENCE_WORDS)
    ]
    return "\n".join(
        " ".join(sentences[start : start + _PARAGRAPH_SENTENCES])
        for start in range(0, len(sentences), _PARAGRAPH_SENTENCES)
    )
