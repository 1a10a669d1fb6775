"""`python -m tests.chaos --rounds 200 --seed 1` runs the long campaign, as `make chaos` does."""

import argparse
import logging
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path

import structlog

from tests.chaos.campaign import Arena, summary
from tests.chaos.rounds import Report


def main() -> int:
    """Prints a line a round and the summary; returns 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description="Break a mill on purpose, over and over.")
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the first round; the next has the next")
    parser.add_argument(
        "--only",
        default="",
        metavar="TEXT",
        help="draw from the faults whose names hold this text, or one of several: TEXT|TEXT",
    )
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # both end the campaign with a summary, also in the background
        signal.signal(number, signal.default_int_handler)
    # The runs without faults log nothing of use, and the running Newsmill has its own log.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = Path(tempfile.mkdtemp(prefix="newsmill-chaos-"))
    say = partial(print, flush=True)
    say(f"logs in {folder}")
    reports: list[Report] = []
    try:
        with Arena(folder, only=arguments.only) as arena:
            for report in arena.rounds(range(arguments.seed, arguments.seed + arguments.rounds)):
                reports.append(report)
                say(report, *(f"\n    {line}" for line in report.complaints))
    finally:
        say(summary(reports))
    return 1 if len(reports) < arguments.rounds or any(report.complaints for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
