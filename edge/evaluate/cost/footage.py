"""Frames held in memory, so that decoding costs nobody anything: an endless stream of one clip, and a camera that plays it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Self

from edge.evaluate.cost.errors import ClipTooShortError
from firmware.frame import Frame
from firmware.twin.camera import ClipCamera


@dataclass(frozen=True, slots=True, eq=False)
class Reel:
    """The frames of one clip, played over and over; time goes on from round to round."""

    name: str
    frames: tuple[Frame, ...]

    @property
    def period_ns(self) -> int:
        """From one frame to the next, on average."""
        return (self.frames[-1].captured_ns - self.frames[0].captured_ns) // (len(self.frames) - 1)

    def frame(self, number: int) -> Frame:
        """The frame of this number of the endless stream, with its time in the stream."""
        rounds, at = divmod(number, len(self.frames))
        shown = self.frames[at]
        round_ns = self.frames[-1].captured_ns - self.frames[0].captured_ns + self.period_ns
        return replace(shown, captured_ns=shown.captured_ns + rounds * round_ns, sequence=number)


def read_reel(clip: Path, most: int) -> Reel:
    """The first `most` frames of a clip, decoded; raises the errors of the camera, and `ClipTooShortError`."""
    with ClipCamera(clip) as camera:
        frames = tuple(islice(camera.frames(), most))
    if len(frames) < 2:
        raise ClipTooShortError(clip, len(frames))
    return Reel(clip.name, frames)


Handed = Callable[[Frame], None]


def nobody_listens(frame: Frame) -> None:
    """Hear of a frame, and do nothing."""


class Handing:
    """Hands out the frames of a reel from one number on, and notes what each costs whoever takes it."""

    def __init__(self, reel: Reel, first: int, most: int, cpu_ns: Callable[[], int], handed: Handed = nobody_listens) -> None:
        """`handed` hears of each frame before it is seen. Frames are made ready now, for that is the bench's own work."""
        self._frames = tuple(reel.frame(first + number) for number in range(most))
        self._cpu_ns, self._handed = cpu_ns, handed
        self._handed_ns: list[int] = []
        self._back_ns: list[int] = []

    def __iter__(self) -> Self:
        """Itself: it is played once."""
        return self

    def __next__(self) -> Frame:
        """The next frame; ends after `most` of them."""
        if self._handed_ns:
            self._back_ns.append(self._cpu_ns())
        if len(self._handed_ns) == len(self._frames):
            raise StopIteration
        frame = self._frames[len(self._handed_ns)]
        self._handed(frame)
        self._handed_ns.append(self._cpu_ns())
        return frame

    def frame_ns(self, end_ns: int) -> tuple[int, ...]:
        """CPU time that each frame took, from being handed out to the next being asked for, or to `end_ns`."""
        back: Sequence[int] = [*self._back_ns, end_ns][: len(self._handed_ns)]
        return tuple(done - handed for handed, done in zip(self._handed_ns, back, strict=True))
