"""The files of a round: stories with planted copies and publishers' appeals around them, a container and bad files."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.corpus import GeneratedFile, generate
from tests.support.newsroom import newsroom

__all__ = ["Drop", "Load"]

_STORIES = 400
_IN_CONTAINER = 60


@dataclass(frozen=True, slots=True)
class Drop:
    """A file to move into the inbox, and the number of its documents."""

    name: str
    content: bytes
    documents: int = 1


class Load:
    """The files of one round, all from its seed: waves of about the same size, and endless spare waves."""

    def __init__(self, seed: int, waves: int) -> None:
        choice = random.Random(f"load {seed}")
        stories = newsroom(seed, _STORIES)
        drops = [_plain(story) for story in stories[_IN_CONTAINER : _STORIES - 100]]
        drops += [_container(stories[:_IN_CONTAINER]), *_bad(seed)]
        choice.shuffle(drops)
        self.waves = [drops[number::waves] for number in range(waves)]
        self._spare = [_plain(story) for story in stories[_STORIES - 100 :]]
        self._seed = seed

    def spare_waves(self, size: int = 25) -> Iterator[list[Drop]]:
        """Yields more waves, for a fault that finds nothing to strike."""
        for start in range(0, len(self._spare), size):
            yield self._spare[start : start + size]
        number = 0
        while True:
            number += 1
            files = generate(self._seed * 1000 + number, size)
            yield [_plain(file, f"spare{number}-") for file in files]


def write(drops: list[Drop], folder: Path) -> None:
    """Writes the files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for drop in drops:
        (folder / drop.name).write_bytes(drop.content)


def _plain(story: GeneratedFile, prefix: str = "") -> Drop:
    return Drop(f"{prefix}{story.name}", story.text.encode())


def _container(stories: list[GeneratedFile]) -> Drop:
    lines = []
    for story in stories:
        title, text = story.text.split("\n", 1)
        lines.append(json.dumps({"title": title, "text": text, "date": "2024-07-30"}))
    lines.insert(len(lines) // 2, '{"title": "no end')
    return Drop("many.jsonl", "\n".join(lines).encode(), len(lines))


def _bad(seed: int) -> list[Drop]:
    junk = random.Random(f"junk {seed}").randbytes(5000)
    return [
        Drop("empty.txt", b""),
        Drop("junk.bin", b"\x7fELF" + junk),
        Drop("broken.json", b'{"title": "x", "text": ' + str(seed).encode()),
    ]
