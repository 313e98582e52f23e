"""What the face of a clip does, seen by the very stages of the unit, whether a visit would count it or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge.engine import Engine
from edge.flow import Expression, FaceSample, TrackId
from edge.session.diary import FaceDiary, Happening
from edge.stages.grade import Grader
from edge.stages.track import Tracker
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.twin.camera import Clip

Progress = Callable[[float], None]
"""Is told the time of the clip, seconds, once for each frame."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The face in one frame."""

    track: TrackId
    expression: Expression
    in_guide: bool
    """Whether nothing stands against it but that the head is turned: outside of the guide an action does not count (R22)."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A movement, and whether a visit would count it."""

    happening: Happening
    in_guide: bool
    """Whether the face was inside the guide all the time."""


@dataclass(frozen=True, slots=True)
class ClipDiary:
    """What was seen in a clip."""

    frames: int
    seconds: float
    sights: tuple[Sight, ...]
    """Of the frames in which there was a face."""
    noted: tuple[Noted, ...]
    """In the order in which they began."""


def watch_clip(clip: Clip, engine: Engine, progress: Progress) -> ClipDiary:
    """Watch the face of a clip, of several the one that the unit would attend to.

    Raises `CameraFormatError` for a clip that breaks off, `ModelError` or `LivenessBrokenError` when a network fails.
    """
    frames, last_ns, sights = 0, 0, []
    watcher = _Watcher(engine)
    for frame in _frames(clip):
        frames, last_ns = frames + 1, frame.captured_ns
        sight = watcher.look(frame)
        if sight:
            sights.append(sight)
        progress(frame.captured_ns / 1e9)
    return ClipDiary(frames, last_ns / 1e9, tuple(sights), tuple(note_all(sights)))


def note_all(sights: list[Sight]) -> list[Noted]:
    """Write down what a face does in these sights of one clip; a changed track is another face."""
    happened: list[Happening] = []
    diary = FaceDiary()
    track: TrackId | None = None
    for sight in sights:
        if sight.track != track:
            happened += diary.close()
        track = sight.track
        happened += diary.see(sight.expression)
    happened += diary.close()
    outside = [sight.expression.captured_ns for sight in sights if not sight.in_guide]
    return [
        Noted(one, not any(one.start_ns <= at_ns <= one.end_ns for at_ns in outside))
        for one in sorted(happened, key=lambda one: (one.start_ns, one.kind))
    ]


def _frames(clip: Clip) -> Iterator[Frame]:
    for number, shot in enumerate(clip.shots()):
        yield frame_from_bgr(shot.bgr, shot.at_ns, number, UNKNOWN_LIGHT)


class _Watcher:
    """The stages that a face passes before it is seen to act."""

    def __init__(self, engine: Engine) -> None:
        self._detector, self._aligner, self._mesh = engine.detector, engine.aligner, engine.mesh
        self._expresser, self._grader, self._tracker = engine.expresser, Grader(engine.rules.grade), Tracker()

    def look(self, frame: Frame) -> Sight | None:
        track = self._tracker.follow(self._detector.find(frame.bgr), frame.captured_ns)
        mesh = self._mesh.fit(frame.bgr, track.detection) if track else None
        if track is None or mesh is None:
            return None
        seen = self._expresser.express(mesh, frame.captured_ns)
        if not math.isfinite(seen.eyes + seen.mouth + seen.yaw_deg + seen.pitch_deg):
            return None
        sample: FaceSample = self._grader.grade(frame, track, self._aligner.points(frame.bgr, track.detection))
        return Sight(track.id, seen, sample.usable_moving)
