"""Files and folders of another user, whoever runs the tests."""

import os
from pathlib import Path

import pytest

__all__ = ["make_foreign"]

_OTHER = 54321  # the id of nobody here


def make_foreign(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the path belong to another user than the one who runs the code under test."""
    if os.geteuid() == 0:
        os.chown(path, _OTHER, _OTHER, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: _OTHER)
