"""Plans which stages may look at a frame: a pure planner, facts in, work out.

A camera gives more frames than evidence needs. So the detector looks everywhere once a second, and else only where the face was;
the heavy stages are spaced out and never share a frame; and in between nothing is done at all, unless something is asked for that
is over in a tenth of a second: an action of the face, or an answer to the lamps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from edge.flow import Observation
from edge.rules import Times
from edge.session.states import State


class Gaze(StrEnum):
    """How a frame is looked at for faces, from the cheapest to the dearest."""

    HOLD = "hold"
    """Not at all: what was seen a moment ago holds."""
    FOLLOW = "follow"
    """The landmarks of the last face are followed."""
    GLANCE = "glance"
    """The detector looks where the face was; its grades and points are those of a moment ago."""
    NEAR = "near"
    """The detector looks where the face was; everywhere, when it is not there."""
    SEARCH = "search"
    """The detector looks everywhere, coarsely: whoever is too far away by half is not seen yet."""
    WHOLE = "whole"
    """The detector looks everywhere, also for other people; coarsely where that will do."""
    STILL = "still"
    """The same in a picture that stands alone: shrunk exactly, for all that is said of it goes by this one look."""


class Cover(StrEnum):
    """How a frame is looked at for what covers the face, should it be time to."""

    NOT = "not"
    BEGIN = "begin"
    """The frame is kept for a look; its networks run in frames that have nothing else to do."""
    BY_PIECES = "by_pieces"
    """The same, and the next network of a look under way runs."""
    AT_ONCE = "at_once"
    """For a picture that stands alone."""


class Heat(StrEnum):
    """How hot the board is."""

    COOL = "cool"
    WARM = "warm"
    """Near the point where it slows itself down."""
    HOT = "hot"
    """There, or beyond."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a frame before anybody has looked at it."""

    captured_ns: int
    stirs: bool = True
    """Whether anything moves before the camera. It counts only while nobody sits there."""
    heat: Heat = Heat.COOL
    texture_open: bool = True
    """Whether nothing is known yet of the face's texture."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is wanted of a frame; all but the gaze only if its face is usable."""

    texture: bool
    mesh: bool
    shot: bool
    light: bool
    """Whether to watch how the face answers the unit's lamps."""
    cover: Cover = Cover.NOT
    gaze: Gaze = Gaze.WHOLE
    by_pieces: bool = False
    """Whether the texture's next network waits for the next frame."""


GRADED_ONLY = Work(texture=False, mesh=False, shot=False, light=False, cover=Cover.AT_ONCE, gaze=Gaze.STILL)
"""Nothing but detection and all that grades, in a picture that stands alone."""
NOTHING = Work(texture=False, mesh=False, shot=False, light=False, cover=Cover.BY_PIECES, gaze=Gaze.HOLD)

SELDOM = 5
"""So many times as far apart lie the probes of a texture that has been judged: the face is only looked after."""
LOOK_MS, SETTLED_MS, OTHERS_MS = 125, 300, 1000
"""So far apart are looks where the face was, looks at one that holds still and is well seen, and looks for other people. Shots
come a little sooner than the second, so that each look at a settled face brings one."""
NOBODY_MS, STILL_MS = 500, 2000
"""So far apart are looks for somebody where nobody is, and where nothing has stirred since nobody was found."""
SOON_MS, LATELY_MS = 100, 2000
"""And where somebody was there lately."""
FARTHEST_APART_MS = 400
"""Whatever else is dear: a face that was not looked for in half a second is no longer the same (`edge/stages/track.py`)."""
FAST_NS = 40_000_000
"""Frames so close together show a blink also when one of them is left out."""
SLOW_NS = 75_000_000
"""Frames so far apart leave time for more than one heavy stage."""
BUSY = 0.6
"""Share of the time between two frames that the work on one may take on average."""
LONGEST_PACE = 4.0
PACE: dict[Heat, float] = {Heat.COOL: 1.0, Heat.WARM: 1.5, Heat.HOT: 2.5}
"""So many times as far apart lies everything on a hot board."""
LEARNS = 0.1
"""Weight of a new frame in what frames cost, and in how far apart they are."""


class Schedule:
    """Plans the frames of one attempt. It adapts to what they cost, and to heat: it never does less, only less often."""

    def __init__(self, times: Times, *, lit: bool = False) -> None:
        """`lit` where the unit's lamps ask something."""
        self._times, self._lit = times, lit
        self._texture_ns: int | None = None
        self._shot_ns: int | None = None
        self._hindered = self._present = self._stirred = False
        self._looked_ns: int | None = None
        self._whole_ns: int | None = None
        self._seen_ns: int | None = None
        self._last_ns: int | None = None
        self._half_probed = False
        self._gap_ns = self._cost_ns = 0.0
        self._dearest_held_ns = 0
        self._planned = GRADED_ONLY

    @property
    def idle(self) -> bool:
        """Whether nobody was there when it was looked last: only then is it worth knowing whether anything stirs."""
        return not self._present and self._looked_ns is not None

    @property
    def network_ns(self) -> int:
        """What one large network costs: a frame that is held runs one of them at most, the dense landmarks in every visit."""
        return self._dearest_held_ns

    def plan(self, state: State, facts: Facts) -> Work:
        """The work for a frame in this state."""
        now_ns = facts.captured_ns
        self._stirred |= facts.stirs
        if self._last_ns is not None:
            self._gap_ns = _learnt(self._gap_ns, float(now_ns - self._last_ns))
        self._last_ns = now_ns
        pace = self._pace(facts.heat)
        self._planned = self._looking(state, now_ns, self._wanted(state, facts, pace), pace)
        return self._planned

    def done(self, seen: Observation, cost_ns: int = 0) -> None:
        """Remember what was really done, and what it cost, so that the next is planned from here."""
        self._cost_ns = _learnt(self._cost_ns, float(cost_ns))
        if self._planned.gaze is Gaze.HOLD:
            self._dearest_held_ns = max(self._dearest_held_ns, cost_ns)
        self._half_probed = seen.probing and self._planned.by_pieces
        if seen.probing:
            self._texture_ns = seen.captured_ns
        if seen.shot:
            self._shot_ns = seen.captured_ns
        if self._planned.gaze is Gaze.HOLD:
            return
        self._hindered, self._present = not seen.usable, seen.sample is not None
        if self._planned.gaze in (Gaze.NEAR, Gaze.SEARCH, Gaze.WHOLE):
            self._looked_ns = seen.captured_ns
        if self._present:
            self._seen_ns = seen.captured_ns
        if self._planned.gaze is Gaze.WHOLE or not self._present:
            self._whole_ns, self._stirred = seen.captured_ns, False
        elif self._planned.gaze is Gaze.SEARCH:
            # Somebody is there: who else is, a coarse look cannot tell.
            self._whole_ns = None

    def _wanted(self, state: State, facts: Facts, pace: float) -> Work:
        """What is due, whoever may be there. A texture that is judged is only looked after."""
        still, now_ns = state in (State.ACQUIRING, State.PROBING), facts.captured_ns
        pieces = Cover.NOT if not still else Cover.BEGIN if self._gap_ns < SLOW_NS else Cover.BY_PIECES
        if state not in (State.PROBING, State.CHALLENGING):
            return Work(texture=False, mesh=False, shot=False, light=still, cover=pieces)
        if state is State.CHALLENGING and self._hindered:
            # Who turns the head as asked can be neither probed nor shot just now. Asking for it all the same would take the
            # dense landmarks from every frame, and with them the movement.
            return Work(texture=False, mesh=True, shot=False, light=False)
        shot = _due(self._shot_ns, now_ns, round(self._times.shot_apart_ms * pace))
        texture = self._texture_due(facts, pace, shot=shot)
        mesh = state is State.CHALLENGING and not (texture and 0 < self._gap_ns <= FAST_NS)
        return Work(texture, mesh, shot, light=still, cover=pieces, by_pieces=still and 0 < self._gap_ns < SLOW_NS)

    def _texture_due(self, facts: Facts, pace: float, *, shot: bool) -> bool:
        """One that is judged waits for a shot of the same frame, if one comes soon."""
        now_ns, apart_ms = facts.captured_ns, round(self._times.probe_apart_ms * pace)
        if facts.texture_open:
            return _due(self._texture_ns, now_ns, apart_ms) and self._nearest(self._texture_ns, now_ns, LOOK_MS)
        return _due(self._texture_ns, now_ns, SELDOM * apart_ms + (0 if shot else FARTHEST_APART_MS))

    def _looking(self, state: State, now_ns: int, work: Work, pace: float) -> Work:
        """The same, with how it is looked for faces; what must wait for another frame is left out."""
        lately = self._seen_ns is not None and not _due(self._seen_ns, now_ns, LATELY_MS)
        answers = self._lit and work.light and lately
        if not self._present and not answers:
            apart_ms = SOON_MS if lately else NOBODY_MS if self._stirred else STILL_MS
            if not self._nearest(self._looked_ns, now_ns, apart_ms * pace):
                return NOTHING
            return work if lately or self._looked_ns is None else replace(work, cover=Cover.NOT, gaze=Gaze.SEARCH)
        # A shot is light, and comes along where it is due a little earlier: one look then does for both.
        if _due(self._whole_ns, now_ns, OTHERS_MS - (LOOK_MS if work.shot else 0)) and not self._half_probed:
            # Evidence of life waits for the next frame, so that no two heavy stages meet; frames far apart leave time for both.
            return work if self._gap_ns >= SLOW_NS else replace(work, texture=False, mesh=False)
        if work.shot or answers or self._nearest(self._looked_ns, now_ns, min(FARTHEST_APART_MS, self._apart_ms(state) * pace)):
            return replace(work, gaze=Gaze.NEAR)
        if work.texture:
            return replace(work, gaze=Gaze.GLANCE)
        if state is State.CHALLENGING:
            return replace(work, gaze=Gaze.FOLLOW)
        # Whoever seems ready must be so in several looks: every second frame, and in between what covers the face is looked for.
        soon = state is State.ACQUIRING and not self._hindered and self._planned.gaze is Gaze.HOLD
        return replace(work, gaze=Gaze.NEAR) if soon else NOTHING

    def _apart_ms(self, state: State) -> int:
        return SETTLED_MS if state is State.PROBING and not self._hindered else LOOK_MS

    def _nearest(self, last_ns: int | None, now_ns: int, apart_ms: float) -> bool:
        """Whether this frame is the one nearest to the time after such an interval."""
        return _due(last_ns, now_ns, round(apart_ms - self._gap_ns / 2e6))

    def _pace(self, heat: Heat) -> float:
        """How much farther apart looks lie than usual."""
        busy = self._cost_ns / self._gap_ns / BUSY if self._gap_ns else 1.0
        return min(LONGEST_PACE, max(1.0, busy, PACE[heat]))


def _learnt(known: float, new: float) -> float:
    return new if known == 0.0 else known + LEARNS * (new - known)


def _due(last_ns: int | None, now_ns: int, apart_ms: int) -> bool:
    return last_ns is None or now_ns - last_ns >= apart_ms * 1_000_000
