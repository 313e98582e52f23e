"""Plans which stages may look at a frame: a pure planner, facts in, work out."""

from __future__ import annotations

from dataclasses import dataclass

from edge.flow import Observation
from edge.rules import Times
from edge.session.states import State


@dataclass(frozen=True, slots=True)
class Work:
    """What is wanted of a frame beyond detection and grading, if its face is usable."""

    texture: bool
    mesh: bool
    shot: bool
    light: bool
    """Whether to watch how the face answers the unit's lamps."""
    cover: bool
    """Whether this is a frame on which to look for what covers the face, should it be time to."""


GRADED_ONLY = Work(texture=False, mesh=False, shot=False, light=False, cover=True)
"""Nothing but detection and all that grades."""
SELDOM = 5
"""So many times as far apart lie the probes of a texture that has been judged: the face is only looked after."""


class Schedule:
    """Spaces the heavy stages out: evidence closer together than its interval is the same evidence twice."""

    def __init__(self, times: Times, texture_frames: int) -> None:
        """After so many texture probes of one face they become seldom."""
        self._times, self._texture_frames = times, texture_frames
        self._textures = 0
        self._texture_ns: int | None = None
        self._shot_ns: int | None = None
        self._hindered = False

    def plan(self, state: State, captured_ns: int) -> Work:
        """The work for the frame captured at this time in this state."""
        still = state in (State.ACQUIRING, State.PROBING)
        if state not in (State.PROBING, State.CHALLENGING):
            self._textures = 0
            return Work(texture=False, mesh=False, shot=False, light=still, cover=still)
        apart_ms = self._times.probe_apart_ms * (1 if self._textures < self._texture_frames else SELDOM)
        texture = _due(self._texture_ns, captured_ns, apart_ms)
        shot = _due(self._shot_ns, captured_ns, self._times.shot_apart_ms)
        if texture and shot:
            # A camera slower than the interval makes both due at every frame: the one that waited longer goes first.
            texture = _since(self._texture_ns) <= _since(self._shot_ns)
            shot = not texture
        # What hinders the face keeps those two from being done: then nothing stands against looking again.
        cover = still and (self._hindered or not (texture or shot))
        return Work(texture=texture, mesh=state is State.CHALLENGING, shot=shot, light=still, cover=cover)

    def done(self, seen: Observation) -> None:
        """Remember what was really done, so that the next is planned from here."""
        self._hindered = not seen.usable
        if seen.texture:
            self._texture_ns = seen.captured_ns
            self._textures += 1
        if seen.shot:
            self._shot_ns = seen.captured_ns


def _since(last_ns: int | None) -> int:
    return -1 if last_ns is None else last_ns


def _due(last_ns: int | None, now_ns: int, apart_ms: int) -> bool:
    return last_ns is None or now_ns - last_ns >= apart_ms * 1_000_000
