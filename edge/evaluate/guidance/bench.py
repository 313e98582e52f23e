"""Spoils portraits of many people in every way, and counts what the unit says of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.engine import Engine
from edge.evaluate.guidance.causes import CAUSES
from edge.evaluate.guidance.seat import Seat, Sitter, seated, sitter_in
from edge.evaluate.guidance.spoiling import STRENGTHS, Spoiling
from edge.evaluate.portrait import look_at
from edge.guide import first_of
from edge.imaging import Pixels
from edge.schedule import GRADED_ONLY, Cover
from edge.stages.cover import APART_NS
from edge.stages.grade import Grader
from edge.stages.track import Tracker
from firmware.frame import UNKNOWN_LIGHT, frame_from_bgr
from firmware.picture import read_picture
from models.calibration.rates import Rate, rate
from wire.reasons import Reason

Progress = Callable[[int, int], None]
Clock = Callable[[], float]
"""Seconds of the processor that were spent."""
CLEAN = "untouched"
FEWEST_PEOPLE = 2
"""One must look over the shoulder of the other."""
FRAMES_PER_S = 30
LOOKS_EACH = 8
"""A look takes longer than grading, and is timed so much less often."""
LEAST_EYE_DISTANCE_PX = 38.0
"""Poorer portraits are out of focus when they are seated."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the unit says of any picture."""

    reasons: tuple[Reason, ...]
    """Worst first; none when nothing is wrong."""
    blocked: bool
    """Whether the face cannot be judged so."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the unit says of one frame."""

    cause: str
    """A word of CAUSES, or CLEAN."""
    step: int
    """Of STRENGTHS; 0 for an untouched frame."""
    reasons: tuple[Reason, ...]
    """Worst first; none when nothing is wrong."""
    blocked: bool = False
    """Whether the face cannot be judged so."""

    @property
    def right(self) -> Reason | None:
        """What should be said first."""
        return None if self.cause == CLEAN else CAUSES[self.cause][0]


@dataclass(frozen=True, slots=True)
class CauseRate:
    """One way to spoil frames."""

    cause: str
    right: Reason
    first: Rate
    in_two: Rate
    by_step: tuple[Rate, ...]
    """Named first, for each of STRENGTHS."""


@dataclass(frozen=True, slots=True)
class GuidanceReport:
    """How often the right cause is named."""

    people: int
    left_out: int
    """Portraits that show no face, several, or one that is too small."""
    right_first: Rate
    right_in_two: Rate
    false_alarm: Rate
    """Of untouched frames, those in which the face cannot be judged."""
    false_word: Rate
    """Of untouched frames, those of which anything is said."""
    reasons: Mapping[Reason, Rate]
    """Named first, of all frames of which it should be said."""
    ways: tuple[CauseRate, ...]
    confused: Mapping[tuple[str, str], int]
    """How often of a cause, or CLEAN, this reason was named first; an empty reason is none."""


@dataclass(frozen=True, slots=True)
class QualityCost:
    """CPU-ms, medians."""

    grading_ms: float
    """Of each frame."""
    look_ms: float
    """Of a look at what covers the face: a mask, doubt, colours, lids."""

    @property
    def per_frame_ms(self) -> float:
        """Both, where a face that nothing hinders is looked at as seldom as may be."""
        return self.grading_ms + self.look_ms / (FRAMES_PER_S * APART_NS / 1e9)


@dataclass(frozen=True, slots=True)
class Company:
    """Who can be seated."""

    sitters: tuple[Sitter, ...]
    left_out: int
    """Portraits before the last sitter's that show no face, several, or one that is too small."""


def gather(photos: Iterable[Path], most: int, engine: Engine) -> Company:
    """The first people, `most` of them, in whose portrait there is one face that is large enough.

    Raises what `read_picture` raises for a portrait that cannot be read, `ModelError` or `LivenessBrokenError`.
    """
    sitters: list[Sitter] = []
    left_out = 0
    for photo in photos:
        if len(sitters) == most:
            break
        portrait = look_at(photo, engine.detector)
        fits = portrait and portrait.faces == 1 and portrait.face.eye_distance_px >= LEAST_EYE_DISTANCE_PX
        sitter = sitter_in(portrait.bgr, portrait.face, engine) if portrait and fits else None
        if sitter:
            sitters.append(sitter)
        else:
            left_out += 1
    return Company(tuple(sitters), left_out)


def ask_about_all(
    sitters: Sequence[Sitter], engine: Engine, progress: Progress, ways: Collection[str] = CAUSES
) -> tuple[Said, ...]:
    """Spoil everybody's frame in each of these ways; the same sitters are always spoilt alike."""
    said: list[Said] = []
    for number, sitter in enumerate(sitters):
        frame = seated(sitter, Seat())
        said.append(_said(CLEAN, 0, frame.bgr, engine))
        for place, (cause, (_, spoil)) in enumerate(CAUSES.items()):
            if cause not in ways:
                continue
            for step in STRENGTHS:
                spoiling = Spoiling(sitter, sitters[number - 1], step, np.random.default_rng((number, place, step)), frame)
                said.append(_said(cause, step, spoil(spoiling), engine))
        progress(number + 1, len(sitters))
    return tuple(said)


def ask_about_real(photos: Sequence[Path], right: Reason, engine: Engine) -> Rate:
    """In how many of these real pictures, at least one, the right reason comes first; raises what `read_picture` raises."""
    said = [judge(read_picture(photo), engine) for photo in photos]
    return rate(sum(reasons[:1] == (right,) for reasons in said), len(said))


def cost_of_grading(sitters: Sequence[Sitter], engine: Engine, clock: Clock, times: int = 40) -> QualityCost | None:
    """What all quality components cost, without the networks that find the face and its points; None where no face is found."""
    grader = Grader(engine.rules.grade)
    graded: list[float] = []
    looked: list[float] = []
    for sitter in sitters:
        frame = frame_from_bgr(seated(sitter, Seat()).bgr, 0, 0, UNKNOWN_LIGHT)
        track = Tracker().follow(engine.detector.find(frame.bgr), 0)
        if track is None:
            continue
        points = engine.aligner.points(frame.bgr, track.detection)
        sample = grader.grade(frame, track, points)
        for _ in range(times):
            begun = clock()
            grader.grade(frame, track, points)
            graded.append(clock() - begun)
        for _ in range(max(1, times // LOOKS_EACH)):
            begun = clock()
            engine.cover.watch(frame.bgr, sample, points, Cover.AT_ONCE)
            looked.append(clock() - begun)
    return QualityCost(1000 * float(np.median(graded)), 1000 * float(np.median(looked))) if graded else None


def judge(bgr: Pixels, engine: Engine) -> tuple[Reason, ...]:
    """What the stages of the unit find wrong with a frame, worst first."""
    return hear(bgr, engine).reasons


def hear(bgr: Pixels, engine: Engine) -> Heard:
    """What the stages of the unit say of a frame."""
    seen = engine.pipeline().observe(frame_from_bgr(np.ascontiguousarray(bgr), 0, 0, UNKNOWN_LIGHT), GRADED_ONLY)
    first = first_of(seen)
    flaws = [flaw.reason for flaw in seen.sample.flaws] if seen.sample else []
    return Heard(tuple(dict.fromkeys([*([first] if first else []), *flaws])), blocked=not seen.usable)


def _said(cause: str, step: int, bgr: Pixels, engine: Engine) -> Said:
    heard = hear(bgr, engine)
    return Said(cause, step, heard.reasons, heard.blocked)


def weigh_answers(said: Sequence[Said], people: int, left_out: int = 0) -> GuidanceReport:
    """Count; `said` holds at least one spoilt frame."""
    spoilt = [one for one in said if one.cause != CLEAN]
    clean = [one for one in said if one.cause == CLEAN]
    return GuidanceReport(
        people,
        left_out,
        right_first=_first(spoilt),
        right_in_two=_in_two(spoilt),
        false_alarm=rate(sum(one.blocked for one in clean), len(clean)),
        false_word=rate(sum(bool(one.reasons) for one in clean), len(clean)),
        reasons={right: _first([one for one in spoilt if one.right is right]) for right in dict(CAUSES.values())},
        ways=tuple(_cause(cause, [one for one in spoilt if one.cause == cause]) for cause in CAUSES),
        confused=Counter((one.cause, one.reasons[0].value if one.reasons else "") for one in said),
    )


def _cause(cause: str, said: Sequence[Said]) -> CauseRate:
    by_step = tuple(_first([one for one in said if one.step == step]) for step in STRENGTHS)
    return CauseRate(cause, CAUSES[cause][0], _first(said), _in_two(said), by_step)


def _first(said: Sequence[Said]) -> Rate:
    return rate(sum(one.right in one.reasons[:1] for one in said), len(said))


def _in_two(said: Sequence[Said]) -> Rate:
    return rate(sum(one.right in one.reasons[:2] for one in said), len(said))
