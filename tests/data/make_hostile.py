"""Writes hostile files into a folder: `python -m tests.data.make_hostile FOLDER [--bytes N] [--giant-bytes N]`."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.data.hostile_archives import ARCHIVES
from tests.data.hostile_bytes import BYTES
from tests.data.hostile_costs import COSTLY
from tests.data.hostile_exports import EXPORTS
from tests.data.hostile_markup import MARKUP
from tests.data.hostile_office import OFFICE
from tests.data.hostile_pages import PAGES
from tests.data.hostile_patterns import PATTERNS
from tests.data.hostile_tables import TABLES
from tests.data.hostile_text import TEXTS
from tests.data.hostile_xml import XML

__all__ = ["GIANTS", "HOSTILE", "KINDS", "write_hostile"]

KINDS: dict[str, Callable[[int], bytes]] = ARCHIVES | BYTES | MARKUP | PAGES | EXPORTS | OFFICE | TABLES | TEXTS | XML
"""Makers of what is odd in kind, by file name, as in HOSTILE."""

HOSTILE: dict[str, Callable[[int], bytes]] = KINDS | COSTLY | PATTERNS
"""Makers by file name. Each takes the approximate size in bytes; a few files are always small."""

GIANTS = ("giant_hole.txt", "giant_hole.html", "giant_line.jsonl")


def write_hostile(
    folder: Path, *, size_bytes: int, giant_bytes: int, makers: Mapping[str, Callable[[int], bytes]] = HOSTILE
) -> list[Path]:
    """Writes every file and returns their paths. The giants are sparse and take no space on disk.

    `giant_line.jsonl` has a good document, a line of `giant_bytes`, and another good document.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, make in makers.items():
        paths.append(folder / name)
        paths[-1].write_bytes(make(size_bytes))
    for name in GIANTS:
        paths.append(folder / name)
        lines = name.endswith(".jsonl")
        with paths[-1].open("wb") as file:
            file.write(
                b'{"text": "The first line is a good one."}\n{"text": "' if lines else b"<p>Words, and then a hole."
            )
            file.truncate(giant_bytes)
            file.seek(giant_bytes)
            file.write(b'"}\n{"text": "The last line is a good one, too."}\n' if lines else b"")
    return paths


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bytes", type=int, default=1 << 20, help="size of each file (default: a MiB)")
    parser.add_argument("--giant-bytes", type=int, default=1 << 30, help="size of the sparse ones (default: a GiB)")
    options = parser.parse_args()
    paths = write_hostile(options.folder, size_bytes=options.bytes, giant_bytes=options.giant_bytes)
    print(f"{len(paths)} files in {options.folder}")  # noqa: T201


if __name__ == "__main__":
    main()
