"""Whether a process of this host is there."""

import os

__all__ = ["is_alive"]


def is_alive(pid: int) -> bool:
    """Tells whether a process has this id, whosever it is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True
