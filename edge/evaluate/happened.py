"""What the face of a clip does, seen by the very stages of the unit, whether a visit would count it or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge.engine import Engine
from edge.flow import Expression, FaceSample, Observation, TrackId
from edge.schedule import Facts, Gaze, Schedule
from edge.session.diary import FaceDiary, Happening
from edge.session.states import State
from edge.stages.attend import Attention
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
    """Of the frames in which a face was watched."""
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
    """Looks at a face as a visit does while an action is asked for: the detector now and then, landmarks in between."""

    def __init__(self, engine: Engine) -> None:
        self._attention = Attention(engine.detector, Tracker(), engine.aligner)
        self._mesh, self._expresser, self._grader = engine.mesh, engine.expresser, Grader(engine.rules.grade)
        self._schedule = Schedule(engine.rules.times)
        self._graded: FaceSample | None = None

    def look(self, frame: Frame) -> Sight | None:
        at_ns = frame.captured_ns
        work = self._schedule.plan(State.CHALLENGING, Facts(at_ns, texture_open=False))
        sight = self._attention.find(frame, work.gaze) if work.gaze is not Gaze.HOLD else None
        if sight is None or not sight.graded_before:
            self._graded = self._grader.grade(frame, sight.track, sight.points) if sight else None
        self._schedule.done(Observation(at_ns, self._graded, probing=work.texture and sight is not None))
        mesh = self._mesh.fit(frame.bgr, sight.track.detection) if sight and work.mesh else None
        if mesh is None or sight is None or self._graded is None:
            return None
        seen = self._expresser.express(mesh, at_ns)
        if not math.isfinite(seen.eyes + seen.mouth + seen.yaw_deg + seen.pitch_deg):
            return None
        return Sight(sight.track.id, seen, self._graded.usable_moving)
