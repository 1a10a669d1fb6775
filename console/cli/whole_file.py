"""A file that appears under its name only when it is whole."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from newsmill.errors import ConfigurationError
from newsmill.terminal_text import visible

__all__ = ["whole_file"]


@contextmanager
def whole_file(output: Path) -> Iterator[TextIO]:
    """Gives a stream of UTF-8, and puts what was written in the place of `output` when the block ends well.

    The stream has a temporary name of its own, so that two at once do not write into one file, and nobody can put a
    link in its way. A new file is for its owner only, as it holds articles; one that is replaced keeps its mode. A link
    is followed if this user or root made it. Raises OSError, ConfigurationError for a link of somebody else.
    """
    if output.is_symlink() and output.lstat().st_uid not in (os.geteuid(), 0):
        raise ConfigurationError(f"{visible(str(output))} is a link that another user made: name the file itself")
    target = os.path.realpath(output)
    descriptor, temporary = tempfile.mkstemp(prefix=".newsmill-", suffix=".part", dir=os.path.dirname(target))
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            with suppress(FileNotFoundError):
                os.fchmod(descriptor, stat.S_IMODE(os.lstat(target).st_mode) & 0o777)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
