"""Scores a place by the hour, and says where to put the unit: the worst of what is wrong counts, as it does for a visitor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import mean

from edge.evaluate.survey.look import Look
from wire.reasons import Reason

GOOD_FROM = 60
"""An hour with this score or more serves visitors well."""


class Trait(StrEnum):
    """What makes a place good or bad, each scored 0 to 100."""

    DARK = "dark"
    BRIGHT = "bright"
    BACKLIT = "backlit"
    SIDE_LIT = "side_lit"
    BUSY = "busy"
    SHINY = "shiny"


Fall = tuple[float, float]
"""Where a number begins to count, score 100, and where it is hopeless, score 0."""

FALLS: Mapping[Trait, Fall] = {
    Trait.DARK: (75.0, 25.0),
    Trait.BRIGHT: (195.0, 245.0),
    Trait.BACKLIT: (0.02, 0.35),
    Trait.SIDE_LIT: (0.35, 0.85),
    Trait.BUSY: (0.10, 0.60),
    Trait.SHINY: (0.0005, 0.01),
}
"""Of the number of `Look` that belongs to a trait. These are ours: a face at the edge of what a unit grades as too dark or too
bright (`edge.rules.GradeLimits`) lies near a score of 50."""

WARNS_ONLY = (Trait.BUSY, Trait.SHINY)
"""A busy or a shiny wall alone spoils nothing: it only costs attention, and so counts half."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The looks of one hour of the day."""

    hour: int
    """0 to 23 on the clock of the place."""
    looks: int
    score: int
    """0 to 100, of the worst trait."""
    traits: Mapping[Trait, int]
    said: Mapping[Reason, int]
    """In how many looks the unit would have told a visitor this; without whoever was not there."""

    @property
    def good(self) -> bool:
        """Whether it serves visitors well."""
        return self.score >= GOOD_FROM


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about a trait."""

    trait: Trait
    hours: tuple[int, ...]
    """In which it spoils the place."""
    from_left: bool | None
    """Whether the light comes from the left of the picture, for light from the side; else None."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A place, scored."""

    looks: int
    score: int
    """Mean of the hours, 0 to 100."""
    hours: tuple[Hour, ...]
    """In the order of the day."""
    advice: tuple[Advice, ...]
    """What helps most of the hours first."""

    @property
    def good_hours(self) -> tuple[int, ...]:
        """The hours that serve visitors well."""
        return tuple(hour.hour for hour in self.hours if hour.good)


def score(looks: Sequence[Look]) -> Survey:
    """Score at least one look; those of the same hour of several days count together."""
    by_hour: dict[int, list[Look]] = {}
    for look in looks:
        by_hour.setdefault(look.at.hour, []).append(look)
    hours = tuple(_hour(hour, by_hour[hour]) for hour in sorted(by_hour))
    return Survey(len(looks), round(mean(hour.score for hour in hours)), hours, _advice(hours, by_hour))


def trait_scores(look: Look) -> Mapping[Trait, int]:
    """The traits of one look."""
    numbers = {
        Trait.DARK: look.level,
        Trait.BRIGHT: look.level,
        Trait.BACKLIT: look.blinding,
        Trait.SIDE_LIT: abs(look.side),
        Trait.BUSY: look.busy,
        Trait.SHINY: look.glints,
    }
    return {trait: _fallen(number, FALLS[trait], half=trait in WARNS_ONLY) for trait, number in numbers.items()}


def _fallen(number: float, fall: Fall, *, half: bool) -> int:
    best, worst = fall
    lost = min(1.0, max(0.0, (number - best) / (worst - best)))
    return round(100 * (1 - (lost / 2 if half else lost)))


def _hour(hour: int, looks: Sequence[Look]) -> Hour:
    scored = [trait_scores(look) for look in looks]
    # The worst quarter of an hour counts: a visitor does not come at its best moment.
    traits = {trait: sorted(one[trait] for one in scored)[len(scored) // 4] for trait in Trait}
    said = Counter(reason for look in looks for reason in dict.fromkeys(look.said))
    return Hour(hour, len(looks), min(traits.values()), traits, dict(said.most_common()))


def _advice(hours: Sequence[Hour], by_hour: Mapping[int, Sequence[Look]]) -> tuple[Advice, ...]:
    found = []
    for trait in Trait:
        spoilt = tuple(hour.hour for hour in hours if hour.traits[trait] < GOOD_FROM)
        if spoilt:
            sides = [look.side for hour in spoilt for look in by_hour[hour]]
            found.append(Advice(trait, spoilt, mean(sides) > 0 if trait is Trait.SIDE_LIT else None))
    return tuple(sorted(found, key=lambda one: -len(one.hours)))
