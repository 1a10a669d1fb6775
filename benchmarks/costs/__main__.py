"""`python -m benchmarks.costs [NAME...]`: CPU seconds of each step for the worst files, and whether they are linear.

Names are those of `tests.data.make_hostile`, or patterns of them ("mojibake*"). Without any, all are tried but those
for single expressions. What is too costly is marked, and the exit code is 1 then.
"""

import argparse
import sys
from fnmatch import fnmatch

from benchmarks.costs.steps import STEPS, Cost, cost, growth, too_costly
from tests.data.make_hostile import HOSTILE

__all__ = ["main"]

_MIB = 1 << 20


def main() -> int:
    """Measures, and prints a line for each file and size."""
    parser = argparse.ArgumentParser(description="Measure what each step costs for hostile files.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--mib", type=float, nargs="+", default=[1, 4, 16], help="sizes in MiB (default: 1 4 16)")
    parser.add_argument("--brief", action="store_true", help="print only what is too costly")
    options = parser.parse_args()
    names = [name for name in HOSTILE if _is_asked(name, options.names)]
    sizes = [int(mib * _MIB) for mib in sorted(options.mib)]
    head = f"{'file':42} {'MiB':>6} " + " ".join(f"{step:>8}" for step in STEPS)
    print(head + "  how it ended, and what is wrong")
    failed = sum([_measure(name, sizes, brief=options.brief) for name in names])
    print(f"{len(names)} files, {failed} too costly")
    return 1 if failed else 0


def _is_asked(name: str, patterns: list[str]) -> bool:
    if not patterns:
        return not name.startswith("pattern_")
    return any(fnmatch(name, pattern) for pattern in patterns)


def _measure(name: str, sizes: list[int], *, brief: bool) -> bool:
    before: Cost | None = None
    lines, failed = [], False
    for size in sizes:
        found = cost(HOSTILE[name](size), name)
        wrong = too_costly(before or found, found)
        failed |= bool(wrong)
        cells = " ".join(_cell(before, found, step) for step in STEPS)
        lines.append(f"{name[:42]:42} {found.size_bytes / _MIB:6.2f} {cells}  {'; '.join([found.ended, *wrong])}")
        before = found
    if failed or not brief:
        print("\n".join(lines), flush=True)
    return failed


def _cell(before: Cost | None, found: Cost, step: str) -> str:
    """Shows the seconds of a step, and behind them how much they grow for four times the size."""
    if step not in found.seconds:
        return f"{'':8}"
    if before is None or step not in before.seconds or found.seconds[step] < 0.05:
        return f"{found.seconds[step]:8.2f}"
    return f"{found.seconds[step]:4.1f}x{growth(before, found, step):<3.1f}"[:8].rjust(8)


if __name__ == "__main__":
    sys.exit(main())
