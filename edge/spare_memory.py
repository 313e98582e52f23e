"""Memory that nobody holds goes back to the kernel between visits: what opening networks and a visit took, and pictures in it.

glibc keeps what is freed, in case it is asked for again. On a unit that is ten megabytes all day long; and a page that goes back
is blank when it comes again, which one that held a picture would not be.
"""

from __future__ import annotations

import ctypes

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""Of glibc; other libraries keep little."""


def give_back_memory() -> None:
    """Give back what is free (malloc_trim(3)); takes some milliseconds, so never within a visit."""
    if _TRIM is not None:
        _TRIM(0)
