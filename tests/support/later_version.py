"""`python -m tests.support.later_version migrate`: the command of a later version, whose migrations are elsewhere."""

import os
from pathlib import Path

from console.cli import main
from db import migrating

__all__: list[str] = []

if __name__ == "__main__":
    migrating._SCRIPTS = Path(os.environ["LATER_SCRIPTS"])
    migrating._LOCK_SECONDS = float(os.environ.get("LATER_LOCK_SECONDS", migrating._LOCK_SECONDS))
    main()
