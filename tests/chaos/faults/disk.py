"""Faults of the disk: the blob store's disk is full."""

import os
import random
from collections.abc import Iterator
from contextlib import suppress

from tests.chaos.faults.kinds import Faults, Needs
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()


@FAULTS.kind("blob store full", Needs.FILE, seconds=3)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    filler = mill.small_disk / "filler"
    try:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(1024 * 1024)):
                pass
        assert os.statvfs(mill.small_disk).f_bavail * os.statvfs(mill.small_disk).f_frsize < 1024 * 1024
        yield
    finally:
        filler.unlink(missing_ok=True)
