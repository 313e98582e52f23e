"""The memory in which a camera's process leaves its frames: a few slots of one size, without a name, gone with its last user.

A slot is written once and then left alone until whoever looks into it says so: there is nothing to lock. The process copies each
frame once, into its slot (3.7 MB for 1280 x 720 pixels: 2.8 of colour, 0.9 of brightness); the unit copies nothing.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from firmware.errors import CameraFormatError
from firmware.frame import Frame

Pixels = NDArray[np.uint8]
SLOTS = 6
"""One being written, one that waits to be taken, one that is worked on, one with which it is compared, and two to be kept."""
MOST_PIXELS = 16_000_000
SEALED = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


def slot_bytes(height_px: int, width_px: int) -> int:
    """Size of a slot: colour, then brightness, up to the next page."""
    pages = -(-4 * height_px * width_px // mmap.PAGESIZE)
    return pages * mmap.PAGESIZE


def planes_of(memory: mmap.mmap, slot: int, height_px: int, width_px: int) -> tuple[Pixels, Pixels]:
    """Colour (height, width, 3) and brightness (height, width) of a slot, without a copy."""
    pixels = height_px * width_px
    whole = np.frombuffer(memory, np.uint8, 4 * pixels, slot * slot_bytes(height_px, width_px))
    return whole[: 3 * pixels].reshape(height_px, width_px, 3), whole[3 * pixels :].reshape(height_px, width_px)


class RingWriter:
    """The end of the camera's process. Its first frame says how large the slots are."""

    def __init__(self, name: str, descriptor: int, slots: int) -> None:
        self._name, self._descriptor, self._slots = name, descriptor, slots
        self._free = list(range(slots))
        self._memory: mmap.mmap | None = None
        self._size = (0, 0)

    def free(self, slots: Iterable[int]) -> None:
        """These may be written to again."""
        self._free.extend(slots)

    def place(self, frame: Frame) -> int | None:
        """Copy a frame into a free slot and return its number; None where all are looked into, and the frame is lost.

        Raises CameraFormatError for a frame of another size than the first, or one that is too large.
        """
        memory = self._memory or self._make(frame)
        if (frame.height_px, frame.width_px) != self._size:
            raise CameraFormatError(self._name, "its pictures changed their size; restart the unit")
        if not self._free:
            return None
        slot = self._free.pop(0)
        bgr, luma = planes_of(memory, slot, *self._size)
        np.copyto(bgr, frame.bgr)
        np.copyto(luma, frame.luma)
        return slot

    def _make(self, frame: Frame) -> mmap.mmap:
        self._size = (frame.height_px, frame.width_px)
        if frame.height_px * frame.width_px > MOST_PIXELS:
            limit = f"the limit is {MOST_PIXELS // 1_000_000} megapixels"
            raise CameraFormatError(self._name, f"its pictures have {frame.width_px} x {frame.height_px} pixels; {limit}")
        size = self._slots * slot_bytes(*self._size)
        os.ftruncate(self._descriptor, size)
        # From now on nobody can take a page away from under a reader.
        fcntl.fcntl(self._descriptor, fcntl.F_ADD_SEALS, SEALED)
        self._memory = mmap.mmap(self._descriptor, size)
        return self._memory


class RingReader:
    """The end of the unit."""

    def __init__(self, descriptor: int, slots: int) -> None:
        self._descriptor, self._slots = descriptor, slots
        self._memory: mmap.mmap | None = None

    def planes(self, slot: int, height_px: int, width_px: int) -> tuple[Pixels, Pixels] | None:
        """Colour and brightness of a slot, read-only, without a copy; None where the memory holds no such thing."""
        if not (0 <= slot < self._slots and height_px > 0 and width_px > 0 and height_px * width_px <= MOST_PIXELS):
            return None
        needed = self._slots * slot_bytes(height_px, width_px)
        if self._memory is None:
            if os.fstat(self._descriptor).st_size != needed:
                return None
            self._memory = mmap.mmap(self._descriptor, needed, access=mmap.ACCESS_READ)
        return planes_of(self._memory, slot, height_px, width_px) if len(self._memory) == needed else None
