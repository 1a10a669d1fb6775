"""The files of a round: stories with planted copies and appeals around them, containers, bad and costly files."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.containers.every_kind import KINDS, Story, pack
from tests.support.corpus import GeneratedFile, generate, sentence
from tests.support.newsroom import newsroom

__all__ = ["Drop", "Load"]

_STORIES = 400
_IN_CONTAINERS = 70
_IN_LINES = 7
_SHORT_LINES, _LONG_LINE_WORDS, _SHARED_SENTENCES, _TWICE_ENCODED_SENTENCES = 4_000, 40_000, 600, 800
_SHARING = 3


@dataclass(frozen=True, slots=True)
class Drop:
    """A file to move into the inbox, and the number of its documents."""

    name: str
    content: bytes
    documents: int = 1
    is_costly: bool = False


class Load:
    """The files of one round, all from its seed: waves of about the same size, and endless spare waves."""

    def __init__(self, seed: int, waves: int) -> None:
        choice = random.Random(f"load {seed}")
        stories = newsroom(seed, _STORIES)
        drops = [_plain(story) for story in stories[_IN_CONTAINERS : _STORIES - 100]]
        drops += [_broken_lines(stories[:_IN_LINES]), *_of_every_kind(stories[_IN_LINES:_IN_CONTAINERS])]
        drops += [*_bad(seed), *_costly(seed)]
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


def _broken_lines(stories: list[GeneratedFile]) -> Drop:
    lines = pack("jsonl", list(map(_story, stories))).content.splitlines()
    lines.insert(len(lines) // 2, b'{"title": "no end')
    return Drop("broken.jsonl", b"\n".join(lines), len(lines))


def _of_every_kind(stories: list[GeneratedFile]) -> Iterator[Drop]:
    for number, kind in enumerate(KINDS):
        share = list(map(_story, stories[number :: len(KINDS)]))
        name, content = pack(kind, share)
        yield Drop(name, content, len(share))


def _story(file: GeneratedFile) -> Story:
    return Story(*file.text.split("\n", 1))


def _bad(seed: int) -> list[Drop]:
    junk = random.Random(f"junk {seed}").randbytes(5000)
    return [
        Drop("empty.txt", b""),
        Drop("junk.bin", b"\x7fELF" + junk),
        Drop("broken.json", b'{"title": "x", "text": ' + str(seed).encode()),
    ]


def _costly(seed: int) -> list[Drop]:
    """Files that cost many times what a story does: each strains another step, and is an article in the end."""
    choice = random.Random(f"costly {seed}")
    words = iter(lambda: sentence(choice).lower().rstrip(".").split(), None)
    lines = [" ".join(next(words)[:3]) for _ in range(_SHORT_LINES)]
    line = " ".join(" ".join(next(words)) for _ in range(_LONG_LINE_WORDS // 14))
    shared = [sentence(choice) for _ in range(_SHARED_SENTENCES)]
    own = [[sentence(choice) for _ in range(_SHARED_SENTENCES // 4)] for _ in range(_SHARING)]
    sharing = [choice.sample(shared + more, len(shared) + len(more)) for more in own]
    accented = " ".join(sentence(choice).replace("e", "é") for _ in range(_TWICE_ENCODED_SENTENCES))
    texts = {
        "short-lines.txt": "\n".join(lines),
        "long-line.txt": line,
        "twice-encoded.txt": accented.encode().decode("latin-1"),
    } | {f"sharing-{number}.txt": "\n\n".join(sentences) for number, sentences in enumerate(sharing)}
    return [Drop(name, text.encode(), is_costly=True) for name, text in texts.items()]
