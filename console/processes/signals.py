"""Signals that ask a role to drain. This module loads before all that takes long to load."""

import signal
from threading import Event
from types import FrameType

__all__ = ["stop_on_signals"]


def stop_on_signals() -> Event:
    """Returns an event that SIGTERM or SIGINT sets.

    An exception raised by a handler instead can get lost: what calls back into Python while it imports swallows it.
    """
    stop = Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop
