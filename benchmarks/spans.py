"""Measures where the time of a process goes: wrapped functions add up the time that each spends in itself."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from time import perf_counter
from typing import Any
from unittest.mock import patch

__all__ = ["Spans"]


class Spans:
    """Seconds by (outermost span, span). The time of an inner span counts for that span alone."""

    def __init__(self) -> None:
        self.seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._names: list[str] = []
        self._inner = [0.0]

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Times the block."""
        self._names.append(name)
        self._inner.append(0.0)
        began = perf_counter()
        try:
            yield
        finally:
            spent = perf_counter() - began
            self.seconds[self._names[0], name] += spent - self._inner.pop()
            self._inner[-1] += spent
            self._names.pop()

    @contextmanager
    def watching(
        self,
        functions: Sequence[tuple[str, Any, str]],
        counted: Callable[[str, Any], None] = lambda _name, _result: None,
    ) -> Iterator[None]:
        """Times these functions, each given as (name of its span, owner, attribute), while the block runs.

        It calls `counted` with the span's name and the function's result.
        """
        with ExitStack() as stack:
            for name, owner, attribute in functions:
                timed = self._timed(name, getattr(owner, attribute), counted)
                stack.enter_context(patch.object(owner, attribute, timed))
            yield

    def _timed(
        self, name: str, function: Callable[..., Any], counted: Callable[[str, Any], None]
    ) -> Callable[..., Any]:
        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.span(name):
                result = function(*arguments, **named)
            counted(name, result)
            return result

        return timed
