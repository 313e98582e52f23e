"""An interactive person made of real footage: neutral until the unit asks for an action, then that action.

With other footage the same person answers wrongly, late or not at all; footage.py says how it is described.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from firmware.errors import CameraFormatError, CameraNotFoundError, FootageInvalidError
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.twin.camera import Clip
from firmware.twin.footage import Action, Footage, Scene, read_footage
from firmware.twin.pace import UNPACED, Pacer

# Between the last picture of one scene and the first of the next: one frame at 30 per second.
CUT_NS = 33_333_333


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """One picture of the performance and how long after the one before it is seen."""

    bgr: NDArray[np.uint8]
    step_ns: int


class _Ear:
    """Hears the word on the screen and knows when to act on it: once each time the word changes to it, after the delay."""

    def __init__(self, footage: Footage) -> None:
        self._footage = footage
        self._word = ""
        self._waiting: Action | None = None
        self._due_ns = 0

    def hear(self, word: str, now_ns: int) -> None:
        if word != self._word:
            self._word = word
            self._waiting = self._footage.action_for(word)
            self._due_ns = now_ns + (self._waiting.delay_ns if self._waiting else 0)

    def due(self, now_ns: int) -> Action | None:
        if self._waiting is None or now_ns < self._due_ns:
            return None
        action, self._waiting = self._waiting, None
        return action


class ActorCamera:
    """A camera in front of that person. Frame times run on without a gap across all cuts; the light is not known.

    The person answers a word once; the word must leave the screen and come back to be answered again.
    """

    def __init__(self, path: Path, asked: Callable[[], str], pacer: Pacer = UNPACED) -> None:
        """`asked` tells the word now on the screen. Raises FootageInvalidError, CameraNotFoundError or CameraFormatError."""
        if not path.exists():
            raise CameraNotFoundError(f"actor:{path}", "there is no such file")
        self._name = f"actor:{path}"
        self._footage = read_footage(path)
        self._clips = _open_clips(path, self._footage)
        self._asked = asked
        self._pacer = pacer
        self._closed = False

    @property
    def name(self) -> str:
        """The words by which it was opened."""
        return self._name

    def frames(self) -> Iterator[Frame]:
        """Perform from the beginning until `ends_after_s` of frame time; raises CameraFormatError where a clip breaks off."""
        return self._pacer.paced(self._frames())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed = True

    def _frames(self) -> Iterator[Frame]:
        ear = _Ear(self._footage)
        now_ns = 0
        moments = self._perform(lambda: ear.hear(self._asked(), now_ns), lambda: ear.due(now_ns))
        for sequence, moment in enumerate(moments):
            now_ns += moment.step_ns if sequence else 0
            if self._closed or now_ns >= self._footage.ends_after_ns:
                return
            yield frame_from_bgr(moment.bgr, now_ns, sequence, UNKNOWN_LIGHT)

    def _perform(self, hear: Callable[[], None], due: Callable[[], Action | None]) -> Iterator[_Moment]:
        """Endless: neutral footage from its start again and again, broken off whenever an action is due.

        Who is still doing one thing hears the word for the next, and does that afterwards.
        """
        while True:
            for moment in self._play(self._footage.neutral):
                yield moment
                hear()
                if action := due():
                    for acting in self._play(action.scene):
                        yield acting
                        hear()
                    break

    def _play(self, scene: Scene) -> Iterator[_Moment]:
        last_ns: int | None = None
        for shot in self._clips[scene.clip].shots(scene.start_ns, scene.end_ns):
            yield _Moment(shot.bgr, CUT_NS if last_ns is None else shot.at_ns - last_ns)
            last_ns = shot.at_ns
        if last_ns is None:
            raise CameraFormatError(self._name, f"{scene.clip} holds no picture between the times given for it")


def _open_clips(path: Path, footage: Footage) -> dict[Path, Clip]:
    """Open every clip once; raises FootageInvalidError where a scene holds no picture or sizes differ."""
    scenes = [footage.neutral, *(action.scene for action in footage.actions)]
    clips = {clip: Clip(clip) for clip in {scene.clip for scene in scenes}}
    for scene in scenes:
        with closing(clips[scene.clip].shots(scene.start_ns, scene.end_ns)) as shots:
            if next(shots, None) is None:
                span = f"{scene.start_ns / 1e9:g} s to {scene.end_ns / 1e9:g} s"
                raise FootageInvalidError(path, f"{scene.clip} holds no picture from {span}")
    if len({(clip.width_px, clip.height_px) for clip in clips.values()}) > 1:
        raise FootageInvalidError(path, "the clips have pictures of different sizes; one camera has one size")
    return clips
