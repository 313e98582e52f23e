"""Lends memory that somebody else will write to again, for just as long as anybody looks into it.

A frame may be kept for as long as its holder likes and never changes. A camera's buffers are few and are filled again and again.
So a frame over such a buffer gives it back when the last array that looks into it is gone; and when too many are out, its
pixels are copied instead, so that the camera never runs dry.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class Lender:
    """Keeps count of the buffers of one camera that are out."""

    def __init__(self, most: int) -> None:
        """`most`: so many buffers may be out at once; whatever more is asked for is a copy."""
        self._most = most
        self._out: set[int] = set()
        self._lent = 0

    @property
    def out(self) -> int:
        """So many buffers are looked into at present."""
        return len(self._out)

    def lend(self, planes: Sequence[Pixels], give_back: Callable[[], object]) -> tuple[Pixels, ...]:
        """Return write-protected arrays with the content of these, of the same shapes.

        `give_back` is called once: when the last of the arrays and of all views of them is gone, by the thread that let go of
        it; or at once, where the arrays are copies.
        """
        if self.out >= self._most:
            copies = tuple(_protected(np.array(plane)) for plane in planes)
            give_back()
            return copies
        self._lent += 1
        number = self._lent
        self._out.add(number)
        # The last one to go finds the only True. Taking from a deque is atomic.
        is_last = deque([False] * (len(planes) - 1) + [True])

        def let_go() -> None:
            if is_last.popleft():
                self._out.discard(number)
                give_back()

        # Over a memoryview, an array is the base of all its views: numpy looks for a view's base no further than here.
        views = tuple(_protected(np.asarray(memoryview(cast(bytearray, plane)))) for plane in planes)
        for view in views:
            weakref.finalize(view, let_go).atexit = False
        return views


def _protected(array: NDArray[Any]) -> Pixels:
    array.setflags(write=False)
    return np.asarray(array, dtype=np.uint8)
