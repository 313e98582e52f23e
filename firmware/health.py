"""Whether the pictures of a live camera can be used: the one place where frozen, blank, resized and late ones are named.

A camera is judged by its frames and their age, never by what it says of itself. What cannot be told from a dark room or a
covered lens is no matter of this file: there the unit tells the visitor what helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from firmware.errors import CameraFaultError, CameraFormatError, CameraStalledError
from firmware.frame import DARK, Frame

LOOKED_AT = 8
"""Every so many-th row and column is looked at for a blank picture."""
SPECKS = 1000
"""One in so many pixels may be a hot or a dead one."""
BLACK_LEVEL, WHITE_LEVEL = 20, 250


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """When a live camera counts as broken."""

    first_within_s: float = 5.0
    """How long the very first picture may take: many cameras start slowly."""
    stalled_after_s: float = 2.0
    """Without a picture for so long, or with pictures older than this, the camera counts as stalled."""
    frozen_after_frames: int = 20
    """So many pictures in a row without a single differing value: a real sensor always has noise."""
    blank_after_s: float = 2.0
    """All black or all white pictures for so long, in time of the frames. Black ones in the unit's own dark do not count."""
    least_px: int = 240
    """A picture with a shorter side than this is not one of this camera: faces are looked for in 320 x 240 pixels."""


class Blank(StrEnum):
    """What a picture looks like in which nothing can be seen."""

    BLACK = "black"
    WHITE = "white"


class HealthWatch:
    """Looks at each frame of one course of `frames`. One thread."""

    def __init__(self, name: str, limits: HealthLimits) -> None:
        self._name, self._limits = name, limits
        self._luma: NDArray[np.uint8] | None = None
        self._same = 1
        self._blank_since_ns: int | None = None

    def check(self, frame: Frame) -> None:
        """Pass a sound frame. Brightness alone is looked at, to keep it cheap: 0.1 ms for 1280 x 720 pixels.

        Raises CameraFormatError (too small, or of another size than before) or CameraFaultError (frozen, or black or white for
        too long).
        """
        self._check_size(frame)
        blank = _blank(frame)
        self._check_blank(frame, blank)
        # Of blank pictures one is like the other, and how long they may last is said in seconds.
        self._check_frozen(frame, blank)
        self._luma = frame.luma

    def check_age(self, captured_ns: int, now_ns: int) -> None:
        """Raises CameraStalledError for a picture that was on its way for too long. Both times are of the unit's clock."""
        age_s = (now_ns - captured_ns) / 1e9
        if age_s > self._limits.stalled_after_s:
            raise CameraStalledError(self._name, f"the newest picture is {age_s:.1f} s old")

    def _check_size(self, frame: Frame) -> None:
        size = f"{frame.width_px} x {frame.height_px} pixels"
        if min(frame.luma.shape) < self._limits.least_px:
            raise CameraFormatError(self._name, f"its pictures have {size}; at least {self._limits.least_px} a side are needed")
        if self._luma is not None and self._luma.shape != frame.luma.shape:
            before = f"{self._luma.shape[1]} x {self._luma.shape[0]}"
            raise CameraFormatError(self._name, f"its pictures changed from {before} to {size}; restart the unit")

    def _check_frozen(self, frame: Frame, blank: Blank | None) -> None:
        same = self._luma is not None and not blank and np.array_equal(self._luma, frame.luma)
        self._same = self._same + 1 if same else 1
        if self._same >= self._limits.frozen_after_frames:
            raise CameraFaultError(self._name, f"the last {self._same} pictures are the same, value for value")

    def _check_blank(self, frame: Frame, blank: Blank | None) -> None:
        if blank is None or (blank is Blank.BLACK and frame.light == DARK):
            self._blank_since_ns = None
            return
        if self._blank_since_ns is None:
            self._blank_since_ns = frame.captured_ns
        lasts_s = (frame.captured_ns - self._blank_since_ns) / 1e9
        if lasts_s >= self._limits.blank_after_s:
            raise CameraFaultError(self._name, f"its pictures have been all {blank} for {lasts_s:.1f} s (is the lens covered?)")


def _blank(frame: Frame) -> Blank | None:
    """What a picture looks like in which nothing can be seen; None where something can."""
    some = frame.luma[::LOOKED_AT, ::LOOKED_AT]
    if np.count_nonzero(some < WHITE_LEVEL) * SPECKS <= some.size:
        return Blank.WHITE
    if np.count_nonzero(some > BLACK_LEVEL) * SPECKS <= some.size:
        return Blank.BLACK
    return None
