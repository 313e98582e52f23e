"""Watches how a face answers the unit's own lamps: the visit's code, and the relief that single lamps bring out.

It keeps the light of the face in the frames of the present track whose light is known; never a picture. Frames in transition
say `?` and are not used. A frame in which the code leaves the face in the dark is read where the face was seen last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from edge.flow import LightAnswer, LivenessScore, TrackId
from edge.session.light_code import DARK_WORD, LightCode, LightReader, Stretch
from edge.stages.answer import answer_of
from edge.stages.face_grid import light_of
from edge.stages.lamp_response import Look, respond
from edge.stages.light_hindrance import hindrance_of, strengths_of
from edge.stages.match import Points
from edge.stages.relief import ReliefModel, relief_of
from firmware.frame import Frame
from wire.reasons import Reason

REMEMBERED_NS = 600_000_000
"""A face that was seen so long ago may have moved."""
BLIND_FRAMES = 45
"""So many frames of a face without a known light mean that nobody knows the light."""
LOOKS = 512
"""Frames; enough for the longest code, that of a single lamp, at several frames a symbol."""


class InfraredProbe:
    """Follows one visit; one thread."""

    def __init__(self, code: LightCode, relief: ReliefModel) -> None:
        self._code, self._relief = code, relief
        self._strengths: dict[str, float] = {}
        self._begin(None)

    @property
    def strengths(self) -> Mapping[str, float]:
        """What each lamp of the code gave to the face when that could be told last in this visit; empty where it never could."""
        return self._strengths

    def forget(self) -> None:
        """Begin anew: the face was lost."""
        self._begin(self._track)

    def _begin(self, track: TrackId | None) -> None:
        self._track, self._reader = track, LightReader(self._code)
        self._points: Points | None = None
        self._points_ns = 0
        self._looks: deque[Look] = deque(maxlen=LOOKS)
        self._blind = self._symbols = 0

    def look(self, frame: Frame, track: TrackId | None, points: Points | None) -> LightAnswer | None:
        """Take in one frame and the face in it, and answer when there is something new to say."""
        if track is not None and track != self._track:
            self._begin(track)
        if points is not None:
            self._points, self._points_ns = points, frame.captured_ns
        if not frame.light.known:
            return self._in_doubt(points is not None)
        new = self._reader.take(frame.light.word, frame.captured_ns)
        self._keep(frame, points is not None)
        self._symbols += new
        return self._answer() if new else None

    def _keep(self, frame: Frame, seen: bool) -> None:
        """Keep the light of the face, if it is seen or must be where it was a moment ago, for it is dark."""
        if self._points is None or frame.captured_ns - self._points_ns > REMEMBERED_NS:
            return
        word = self._code.coded(frame.light.word)
        if seen or word == DARK_WORD:
            self._looks.append(Look(frame.captured_ns, word, light_of(frame.luma, self._points)))

    def _in_doubt(self, seen: bool) -> LightAnswer | None:
        self._blind = self._blind + 1 if seen and not self._looks else 0
        if self._blind < BLIND_FRAMES:
            return None
        return LightAnswer(len(self._code.symbols) * 2, None, None, Reason.LIGHT_FAULT)

    def _answer(self) -> LightAnswer | None:
        """What all that was seen up to the last whole symbol says."""
        read = self._reader.symbols[:-1]
        stretch = self._code.find(read)
        if len(stretch.symbols) < self._code.needed:
            foreign = len(read) >= len(self._code.symbols) and self._symbols >= len(self._code.symbols)
            return LightAnswer(self._symbols, LivenessScore(0.0), None, None) if foreign else None
        return self._judge(stretch)

    def _judge(self, stretch: Stretch) -> LightAnswer:
        placed = _placed(self._looks, stretch)
        looks = [look for look, _, _ in placed]
        seen = len({begin_ns for _, _, begin_ns in placed})
        if seen < self._code.needed or len(looks) < LEAST_LOOKS:
            return LightAnswer(self._symbols, None, None, None)
        answer = answer_of(looks, [place for _, place, _ in placed], [begin for _, _, begin in placed], self._code)
        response = respond(looks, self._code.lamps)
        hindrance = hindrance_of(answer, response, looks, self._code.lamps)
        self._strengths = strengths_of(answer, response, hindrance) or self._strengths
        if hindrance is not None:
            return LightAnswer(self._symbols, None, None, hindrance)
        relief = relief_of(response) if {"L", "R"} <= set(self._code.lamps) else None
        return LightAnswer(self._symbols, LivenessScore(answer.score), self._relief.score(relief) if relief else None, None)


LEAST_LOOKS = 12
"""Frames; fewer tell nothing about four unknowns a cell."""


def _placed(looks: Sequence[Look], stretch: Stretch) -> list[tuple[Look, int, int]]:
    """The frames of a stretch, each with the number of its symbol in the code and the time when that began."""
    placed: list[tuple[Look, int, int]] = []
    symbols = iter(zip(stretch.symbols, stretch.places, strict=True))
    symbol, place = next(symbols)
    for look in looks:
        while symbol.end_ns < look.captured_ns:
            following = next(symbols, None)
            if following is None:
                return placed
            symbol, place = following
        if symbol.begin_ns <= look.captured_ns:
            placed.append((look, place, symbol.begin_ns))
    return placed
