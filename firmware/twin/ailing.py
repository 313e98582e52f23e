"""Another camera that fails on purpose, so that what a unit does about it can be rehearsed with real processes and real hangs."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from firmware.errors import CameraSpecError
from firmware.frame import Frame
from firmware.ports import Camera

DEATH = 70


class Ailment(StrEnum):
    """What goes wrong."""

    HANGS = "hangs"
    """It never comes back from native code, and holds the interpreter, as a driver with a bug does."""
    HANGS_OPENING = "hangs-opening"
    HANGS_CLOSING = "hangs-closing"
    """It works, and hangs when it is closed."""
    DIES = "dies"
    """The process ends at once, without a word."""
    FREEZES = "freezes"
    """The same picture over and over."""
    BLACK = "black"
    WHITE = "white"
    SHRINKS = "shrinks"
    """Pictures of half the size."""


AT_FRAME = re.compile(rf"({'|'.join(Ailment)})@([0-9]{{1,6}}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ailing:
    """Which camera fails, how and when."""

    ailment: Ailment
    at_frame: int
    """The first frame that is not as it should be, counted from 0; meaningless where it is opening or closing that fails."""
    word: str
    """The camera that is sound."""


def read_ailment(spec: str, rest: str) -> Ailing:
    """Read FAULT@N:WORD; raises CameraSpecError for anything else."""
    found = AT_FRAME.fullmatch(rest)
    if found is None:
        raise CameraSpecError(spec)
    return Ailing(Ailment(found[1]), int(found[2]), found[3])


class AilingCamera:
    """Obeys `firmware.ports.Camera` until it fails. What hangs or dies takes its process along: use `apart:ailing:...`."""

    def __init__(self, name: str, camera: Camera, ailing: Ailing) -> None:
        """`camera` is the sound one; it is closed with this one."""
        self._name, self._camera, self._ailing = name, camera, ailing
        if ailing.ailment is Ailment.HANGS_OPENING:
            _hang()

    @property
    def name(self) -> str:
        """The words by which it was opened."""
        return self._name

    def frames(self) -> Iterator[Frame]:
        """The frames of the camera, up to the one at which it fails, and what comes then."""
        before: Frame | None = None
        for frame in self._camera.frames():
            if frame.sequence >= self._ailing.at_frame:
                frame = self._fail(frame, before or frame)
            else:
                before = frame
            yield frame

    def __enter__(self) -> Self:
        self._camera.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._camera.__exit__(kind, error, trace)
        if self._ailing.ailment is Ailment.HANGS_CLOSING:
            _hang()

    def _fail(self, frame: Frame, before: Frame) -> Frame:
        match self._ailing.ailment:
            case Ailment.HANGS:
                _hang()
            case Ailment.DIES:
                os._exit(DEATH)
            case Ailment.FREEZES:
                return replace(frame, bgr=before.bgr, luma=before.luma)
            case Ailment.BLACK:
                return _filled(frame, 0)
            case Ailment.WHITE:
                return _filled(frame, 255)
            case Ailment.SHRINKS:
                return replace(frame, bgr=_halved(frame.bgr), luma=_halved(frame.luma))
            case Ailment.HANGS_OPENING | Ailment.HANGS_CLOSING:
                pass
        return frame


def _hang() -> None:
    """Wait for ever in native code without letting go of the interpreter (pause(2) through a library that keeps its lock)."""
    libc = ctypes.PyDLL(None)
    while True:
        libc.pause()


def _filled(frame: Frame, level: int) -> Frame:
    bgr, luma = np.full_like(frame.bgr, level), np.full_like(frame.luma, level)
    bgr.setflags(write=False)
    luma.setflags(write=False)
    return replace(frame, bgr=bgr, luma=luma)


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    half = np.ascontiguousarray(pixels[::2, ::2])
    half.setflags(write=False)
    return half
