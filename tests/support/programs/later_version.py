"""`python -m tests.support.programs.later_version ROLE`: a command of a later version, whose migrations are elsewhere.

What it sends names that version, so that this one's workers cannot take its results for their own.
"""

import os
from pathlib import Path

import newsmill

newsmill.__version__ = os.environ.get("LATER_VERSION", newsmill.__version__)  # before anybody imports it

from console.__main__ import main  # noqa: E402
from db import migrating, revisions  # noqa: E402

__all__: list[str] = []

if __name__ == "__main__":
    revisions.SCRIPTS = Path(os.environ["LATER_SCRIPTS"])
    migrating.LOCK_SECONDS = float(os.environ.get("LATER_LOCK_SECONDS", migrating.LOCK_SECONDS))
    main()
