"""Who sits there, and what they do: small movements all the time, and an answer when the screen asks for something.

A living person does what is asked; a hand that holds a print can only turn and tilt it; a film goes its own way and hears
nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np

from firmware.twin.physics.motion import Expression, Pose
from firmware.twin.physics.species import Species


class Deed(StrEnum):
    """What somebody can be asked to do, by the word on the screen."""

    BLINK = "ASK_BLINK"
    OPEN_MOUTH = "ASK_OPEN_MOUTH"
    NOD = "ASK_NOD"
    TURN_LEFT = "ASK_TURN_LEFT"
    TURN_RIGHT = "ASK_TURN_RIGHT"
    LOOK_UP = "ASK_LOOK_UP"


@dataclass(frozen=True, slots=True)
class Doing:
    """One deed, from its start."""

    deed: Deed
    start_s: float
    lasts_s: float
    extent: float
    """1 as people do it."""

    def share(self, now_s: float) -> float:
        """How far it is done at a time: 0 before and after, `extent` in the middle."""
        part = (now_s - self.start_s) / self.lasts_s
        return self.extent * min(1.0, 1.6 * math.sin(math.pi * part)) if 0 < part < 1 else 0.0


TURN_DEG, NOD_DEG = 26.0, 20.0
LASTS_S: Mapping[Deed, tuple[float, float]] = {
    Deed.BLINK: (0.3, 0.6),
    Deed.OPEN_MOUTH: (0.9, 1.5),
    Deed.NOD: (0.9, 1.6),
    Deed.TURN_LEFT: (1.1, 1.9),
    Deed.TURN_RIGHT: (1.1, 1.9),
    Deed.LOOK_UP: (0.9, 1.6),
}
"""How long people take when they are asked, seconds."""
LEAST_EXTENT = 0.8
"""Whoever is asked does it at least so far."""
REACTION_S = (0.3, 0.9)
"""Choice reaction of healthy people of 60 to 80 (Der and Deary, Psychology and Aging 21, 2006), and the time to read."""


class Sitter(Protocol):
    """Something before the camera."""

    def at(self, now_s: float, word: str) -> tuple[Pose, Expression]:
        """How it is held and what its face does, given the word now on the screen. Times never go back."""
        ...


class Sway:
    """The small movements of whoever tries to keep still: a few slow waves in each direction."""

    def __init__(self, dice: np.random.Generator, rest: Pose, turns_deg: float, shifts_cm: float) -> None:
        self._rest = rest
        self._waves = [
            (dice.uniform(0.15, 0.9, 3), dice.uniform(0, 2 * math.pi, 3), dice.normal(0, extent / 2, 3))
            for extent in (turns_deg, turns_deg, turns_deg / 2, shifts_cm, shifts_cm, shifts_cm)
        ]

    def at(self, now_s: float) -> Pose:
        """The pose at a time."""
        yaw, pitch, roll, right, down, away = (
            float((extents * np.sin(2 * math.pi * often * now_s + phases)).sum()) for often, phases, extents in self._waves
        )
        rest = self._rest
        return Pose(
            rest.yaw_deg + yaw, rest.pitch_deg + pitch, rest.roll_deg + roll, rest.x_cm + right, rest.y_cm + down,
            rest.away_cm + away,
        )  # fmt: skip


FILMED = (Deed.BLINK, Deed.OPEN_MOUTH, Deed.NOD, Deed.TURN_LEFT, Deed.TURN_RIGHT)
"""What a film shows, in any order: the actions that visits draw."""
MOST_DOINGS = 2000
"""Enough for the longest scene."""
AGAIN_S = (2.0, 4.0)
"""A word that still stands so long after the deed is answered once more: people try again."""


class _Ear:
    """Starts a deed some time after its word came up, and again when the word does not go."""

    def __init__(self, dice: np.random.Generator) -> None:
        self._dice, self._word = dice, ""
        self.doing: Doing | None = None

    def hear(self, word: str, now_s: float) -> Doing | None:
        new = word != self._word
        self._word = word
        if word not in tuple(Deed):
            return self.doing
        over = self.doing is not None and now_s > self.doing.start_s + self.doing.lasts_s
        if new or over:
            wait_s = self._dice.uniform(*(REACTION_S if new else AGAIN_S))
            deed = Deed(word)
            self.doing = Doing(deed, now_s + wait_s, self._dice.uniform(*LASTS_S[deed]), self._dice.uniform(LEAST_EXTENT, 1.1))
        return self.doing


class Course:
    """Doings one after the other, none longer than the way to the next."""

    def __init__(self, doings: Sequence[Doing]) -> None:
        self._doings, self._starts = doings, [doing.start_s for doing in doings]

    def at(self, now_s: float) -> Doing:
        """The last one that has begun; before all of them the first."""
        return self._doings[max(0, bisect_right(self._starts, now_s) - 1)]


class Person:
    """Somebody alive: sways a little, blinks by the way, and does what is asked."""

    def __init__(self, dice: np.random.Generator, rest: Pose, *, obliging: bool = True) -> None:
        self._sway, self._ear, self._obliging = Sway(dice, rest, 1.2, 0.25), _Ear(dice), obliging
        # Every two to six seconds (Bentivoglio et al., Movement Disorders 12, 1997), a tenth to three tenths of a second long.
        starts = np.cumsum(dice.uniform(2.0, 6.0, MOST_DOINGS))
        self._blinks = Course([Doing(Deed.BLINK, float(start), dice.uniform(0.15, 0.3), 1.0) for start in starts])

    def at(self, now_s: float, word: str) -> tuple[Pose, Expression]:
        """See `Sitter`."""
        pose = self._sway.at(now_s)
        shut = self._blinks.at(now_s).share(now_s)
        doing = self._ear.hear(word, now_s) if self._obliging else None
        if doing is None:
            return pose, Expression(eyes_shut=min(1.0, shut))
        share = doing.share(now_s)
        return moved(pose, doing.deed, share), expressed(doing.deed, share, shut)


class Hand:
    """A hand that holds a thing: shakes more than a head, and turns or tilts the thing when a turn or a nod is asked for."""

    def __init__(self, dice: np.random.Generator, rest: Pose, *, eyes_behind: bool) -> None:
        """`eyes_behind`: whoever holds it looks through holes and can blink."""
        self._sway, self._ear, self._eyes_behind = Sway(dice, rest, 2.5, 0.5), _Ear(dice), eyes_behind
        self._fiddles = dice.random() < 0.5

    def at(self, now_s: float, word: str) -> tuple[Pose, Expression]:
        """See `Sitter`."""
        pose, doing = self._sway.at(now_s), self._ear.hear(word, now_s)
        if doing is None:
            return pose, Expression()
        share = doing.share(now_s)
        if doing.deed is Deed.BLINK and self._eyes_behind:
            return pose, expressed(Deed.BLINK, share, 0.0)
        if doing.deed in (Deed.BLINK, Deed.OPEN_MOUTH) and self._fiddles:
            # A print that is tilted back and forth looks shorter: eyes seem to shut, whoever measures them carelessly.
            return replace(pose, pitch_deg=pose.pitch_deg - 35 * share), Expression()
        return moved(pose, doing.deed, 1.2 * share), Expression()


class Film:
    """A film of somebody, on a thing that a hand holds: it was made before anybody knew what would be asked."""

    def __init__(self, dice: np.random.Generator, rest: Pose) -> None:
        self._sway = Sway(dice, rest, 1.5, 0.3)
        starts = np.cumsum(dice.uniform(1.8, 4.0, MOST_DOINGS))
        deeds = [Deed(word) for word in dice.choice(list(FILMED), MOST_DOINGS)]
        self._course = Course(
            [Doing(deed, float(start), dice.uniform(*LASTS_S[deed]), 1.0) for deed, start in zip(deeds, starts, strict=True)]
        )

    def at(self, now_s: float, word: str) -> tuple[Pose, Expression]:
        """See `Sitter`; the word is not heard."""
        del word
        pose = self._sway.at(now_s)
        doing = self._course.at(now_s)
        share = doing.share(now_s)
        head, face = moved(Pose(), doing.deed, share), expressed(doing.deed, share, 0.0)
        return pose, replace(face, film_yaw_deg=head.yaw_deg, film_pitch_deg=head.pitch_deg)


def sitter_of(species: Species, dice: np.random.Generator, rest: Pose) -> Sitter:
    """Who or what sits there, for a species."""
    match species:
        case Species.LIVE:
            return Person(dice, rest)
        case Species.PHONE | Species.TABLET | Species.PROJECTED:
            return Film(dice, rest)
        case _:
            return Hand(dice, rest, eyes_behind=species is Species.CUT_OUT)


def moved(pose: Pose, deed: Deed, share: float) -> Pose:
    """The pose with the turn or nod of a deed; left and right are the person's, who faces the camera."""
    match deed:
        case Deed.TURN_LEFT:
            return replace(pose, yaw_deg=pose.yaw_deg + TURN_DEG * share)
        case Deed.TURN_RIGHT:
            return replace(pose, yaw_deg=pose.yaw_deg - TURN_DEG * share)
        case Deed.NOD:
            return replace(pose, pitch_deg=pose.pitch_deg + NOD_DEG * share)
        case Deed.LOOK_UP:
            return replace(pose, pitch_deg=pose.pitch_deg - NOD_DEG * share)
        case _:
            return pose


def expressed(deed: Deed, share: float, shut: float) -> Expression:
    """The face that goes with a deed; `shut` is what the lids do by the way."""
    # Who is asked to blink shuts the eyes, whatever else they do by halves.
    lids = max(shut, share / LEAST_EXTENT) if deed is Deed.BLINK else shut
    return Expression(min(1.0, lids), min(1.0, share) if deed is Deed.OPEN_MOUTH else 0.0)
