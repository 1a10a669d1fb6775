"""Detectors of languages compared: `python -m benchmarks.languages.detectors FILE`.

FILE is JSON Lines: objects with `text`, `language` (ISO 639-1) and `from`, the part of the set that a text is of. It
prints of each detector that is installed the share that is told right in each part, microseconds of CPU a text (the
least of five runs), and how much the process grew. Each runs in a process of its own.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Final

import psutil  # type: ignore[import-untyped]

_WRITTEN: Final = {"zh-Hant": "zh", "yue": "zh", "wuu": "zh", "iw": "he", "nn": "no", "nb": "no"}
_RUNS: Final = 5
Detector = Callable[[str], str | None]


def _ours() -> Detector:
    from ingest.text.language import guess_language

    return lambda text: guess.language if (guess := guess_language([text])) else None


def _ours_sure() -> Detector:
    from ingest.text.language import guess_language

    return lambda text: guess.language if (guess := guess_language([text])) and guess.sure else None


def _py3langid() -> Detector:
    import py3langid  # type: ignore[import-untyped]

    return lambda text: str(py3langid.classify(text)[0])


def _pycld2(*, best_effort: bool = False) -> Detector:
    import pycld2  # type: ignore[import-not-found]

    return lambda text: str(pycld2.detect(text, bestEffort=best_effort)[2][0][1])


def _pycld2_guessing() -> Detector:
    return _pycld2(best_effort=True)


_DETECTORS: Final = {
    "newsmill": (_ours, "ingest"),
    "newsmill, where it is sure": (_ours_sure, "ingest"),
    "py3langid": (_py3langid, "py3langid"),
    "pycld2": (_pycld2, "pycld2"),
    "pycld2, bestEffort": (_pycld2_guessing, "pycld2"),
}


def main() -> None:
    parser = ArgumentParser(description=__doc__, prog="python -m benchmarks.languages.detectors")
    parser.add_argument("file", type=Path)
    path = parser.parse_args().file
    for name, (_, module) in _DETECTORS.items():
        if find_spec(module) is None:
            print(f"{name}: not installed")
            continue
        with get_context("spawn").Pool(1) as pool:
            print(f"{name}: " + ", ".join(pool.apply(_measured, (name, path))))


def _measured(name: str, path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows]
    before = psutil.Process().memory_info().rss
    detect = _DETECTORS[name][0]()
    told = [_WRITTEN.get(language or "", language) for language in map(detect, texts)]
    grown = psutil.Process().memory_info().rss - before
    return [
        *_shares(rows, told),
        f"{min(_seconds(detect, texts) for _ in range(_RUNS)) / len(texts) * 1e6:.0f} µs",
        f"{grown / 1e6:.0f} MB",
    ]


def _shares(rows: list[dict[str, str]], told: list[str | None]) -> Iterator[str]:
    for part in sorted({row["from"] for row in rows}):
        right = [language == row["language"] for row, language in zip(rows, told, strict=True) if row["from"] == part]
        yield f"{part} {sum(right) / len(right):.3f} of {len(right)}"


def _seconds(detect: Detector, texts: list[str]) -> float:
    began = process_time()
    for text in texts:
        detect(text)
    return process_time() - began


if __name__ == "__main__":
    main()
