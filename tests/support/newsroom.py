"""Generated news with what recurs in it: publishers put appeals, footers and by-the-way lines around their stories.

Stories and copies are those of `tests.support.corpus`; what a publisher adds is the same in all that it publishes.
"""

import random
from dataclasses import replace

from tests.support.corpus import GeneratedFile, generate, sentence

__all__ = ["newsroom"]


def newsroom(seed: int, count: int, *, publishers: int = 4, copies_share: float = 0.35) -> list[GeneratedFile]:
    """Returns `count` files by a few publishers; some two thirds have their publisher's passages around the story."""
    random_ = random.Random(f"newsroom {seed}")
    furniture = [_furniture(random.Random(f"{seed} publisher {number}")) for number in range(publishers)]
    files = generate(seed, count, copies_share=copies_share)
    return [
        replace(file, text=_dressed(random_, file.text, random_.choice(furniture))) if random_.random() < 0.7 else file
        for file in files
    ]


def _furniture(random_: random.Random) -> list[str]:
    """An appeal of some sentences, a promotion in between, and a footer."""
    return [" ".join(sentence(random_) for _ in range(length)) for length in (3, 1, 2)]


def _dressed(random_: random.Random, text: str, furniture: list[str]) -> str:
    headline, *body = text.rstrip("\n").split("\n")
    appeal, promotion, footer = furniture
    if random_.random() < 0.5:
        body.insert(len(body) // 2, promotion)
    if random_.random() < 0.5:
        body = [appeal, *body]
    if random_.random() < 0.7:
        body[-1:] = [f"{body[-1]} {footer}"] if random_.random() < 0.2 else [body[-1], footer]
    return "\n".join([headline, *body]) + "\n"
