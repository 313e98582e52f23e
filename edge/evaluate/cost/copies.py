"""Counts the bytes that leave a frame: every picture that `edge.imaging`, the only door to OpenCV, makes out of one.

A frame is watched from outside, by the interpreter's own hook on calls, so nothing in the product is changed or slowed; while it
is counted it is not timed. Views cost nothing and are not counted; arithmetic of numpy on a part of a frame is not seen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

import edge.imaging
from firmware.frame import Frame

CAPTURE_ARRAY_BYTES = 1280 * 720 * 3
"""What `capture_array("main")` of picamera2 copies for each frame of 1280 x 720."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Bytes that left one frame."""

    whole: int
    """Of the whole frame made smaller."""
    crops: int
    """Of parts of it."""

    @property
    def together(self) -> int:
        """Both."""
        return self.whole + self.crops


WHOLE = frozenset({"shrink", "shrink_by_whole", "pad_to_multiple", "pad_around"})
"""Functions that take all of the picture that they are given; the others take a part of it."""


class CopyCounter:
    """Counts within its `with` block, on this thread; `begin` starts a frame."""

    def __init__(self) -> None:
        self._file = edge.imaging.__file__
        self._planes: tuple[NDArray[np.uint8], ...] = ()
        self._depth = 0
        self._bytes = [0, 0]
        self.counted: list[Copied] = []
        """One for each frame, once the next has begun or the block has ended."""

    def begin(self, frame: Frame) -> None:
        """From now on this frame is looked at."""
        self._finish()
        self._planes = (frame.bgr, frame.luma)

    def __enter__(self) -> Self:
        sys.setprofile(self._watch)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        sys.setprofile(None)
        self._finish()

    def _finish(self) -> None:
        if self._planes:
            self.counted.append(Copied(self._bytes[0], self._bytes[1]))
        self._planes, self._bytes = (), [0, 0]

    def _watch(self, frame: FrameType, event: str, given: object) -> None:
        if frame.f_code.co_filename != self._file or event not in ("call", "return"):
            return
        self._depth += 1 if event == "call" else -1
        # Only what the rest of the unit calls counts; what a function calls by itself is part of it.
        if event != "return" or self._depth or not self._planes:
            return
        taken = [value for value in _given(frame) if self._is_of(value)]
        if taken:
            whole = frame.f_code.co_name in WHOLE and any(self._is_all(value) for value in taken)
            self._bytes[not whole] += sum(made.nbytes for made in _arrays(given) if not self._is_of(made))

    def _is_all(self, array: NDArray[np.generic]) -> bool:
        return any(array.shape[:2] == plane.shape[:2] for plane in self._planes)

    def _is_of(self, array: NDArray[np.generic]) -> bool:
        return any(np.may_share_memory(array, plane) for plane in self._planes)


def _given(frame: FrameType) -> Iterator[NDArray[np.generic]]:
    """The pictures among the arguments of a call."""
    names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
    return (value for name in names if isinstance(value := frame.f_locals.get(name), np.ndarray))


def _arrays(given: object) -> Iterator[NDArray[np.generic]]:
    """The pictures in an answer: the answer itself, members of a tuple, or the fields of a data class."""
    if isinstance(given, np.ndarray):
        yield given
    elif isinstance(given, tuple):
        for each in given:
            yield from _arrays(each)
    else:
        for name in getattr(type(given), "__slots__", ()):
            yield from _arrays(getattr(given, name, None))
