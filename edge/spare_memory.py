"""Memory that nobody holds goes back to the kernel: what a visit took after each, what networks reckon in once nobody comes.

glibc and the arena of the networks keep what is freed, in case it is asked for again. On a unit that is ten megabytes all day
long; and a page that goes back is blank when it comes again, which one that held a picture would not be.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field

RESTS_AFTER_S = 60.0
"""A visit after a rest costs a twentieth more, for its memory comes page by page: visits in a row pay none of it."""

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""Of glibc; other libraries keep little."""


def give_back_memory() -> None:
    """Give back what is free (malloc_trim(3)); takes half a millisecond or more, so never within a visit."""
    if _TRIM is not None:
        _TRIM(0)


@dataclass(slots=True)
class Repose:
    """Gives the heap of each visit back, and rests once nobody has visited for a minute, once until somebody does.

    `now_s` never goes back.
    """

    rest: Callable[[], object]
    now_s: Callable[[], float]
    _stirred_s: float = field(init=False)
    _rested: bool = False

    def __post_init__(self) -> None:
        self._stirred_s = self.now_s()

    def stir(self) -> None:
        """Somebody was here just now, and has gone."""
        self._stirred_s, self._rested = self.now_s(), False
        give_back_memory()

    def turn(self) -> None:
        """Rest if it is time to. Raises what the rest raises."""
        if not self._rested and self.now_s() - self._stirred_s >= RESTS_AFTER_S:
            self._rested = True
            self.rest()
