"""`python -m tests.fuzz --seconds N` fuzzes; `python -m tests.fuzz INPUT` repeats one input without the fuzzer."""

import argparse
import subprocess
import sys
from pathlib import Path

from tests.fuzz.inputs import media_type_of, write_seeds
from tests.support.stages.invariants import check_document

_CACHE = Path(".fuzz")
_MAX_INPUT_BYTES = 16 * 1024
_HANG_SECONDS = 30
_MEMORY_MIB = 2048


def main() -> int:
    """Runs the command; returns 1 if an input breaks a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("input", type=Path, nargs="?")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    if options.input is not None:
        data = options.input.read_bytes()
        print(f"{len(data) - 1:,} bytes as {media_type_of(data)}: {data[1:200]!r}")  # noqa: T201
        check_document(data[1:], media_type_of(data))
        print("nothing is wrong with it")  # noqa: T201
        return 0
    return _fuzz(options.seconds)


def _fuzz(seconds: int) -> int:
    corpus, seeds, crashes = (_CACHE / name for name in ("corpus", "seeds", "crashes"))
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(crashes.iterdir())
    print(f"{write_seeds(seeds)} seeds, {len(list(corpus.iterdir()))} inputs of earlier runs in {corpus}", flush=True)  # noqa: T201
    arguments = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={crashes}/",
        f"-timeout={_HANG_SECONDS}",
        f"-rss_limit_mb={_MEMORY_MIB}",
        f"-max_len={_MAX_INPUT_BYTES}",
        "-print_final_stats=1",
        str(corpus),
        str(seeds),
    ]
    status = subprocess.run([sys.executable, "-m", "tests.fuzz.target", *arguments], check=False).returncode
    found = sorted(set(crashes.iterdir()) - before)
    for path in found:
        print(f"\nfound: {path}\nrepeat: {sys.executable} -m tests.fuzz {path}")  # noqa: T201
    return 1 if found or status else 0


if __name__ == "__main__":
    sys.exit(main())
