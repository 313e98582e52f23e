"""The figures of a population: what `edge.evaluate.population` finds, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.evaluate.population_list import KnownFrom
from edge.evaluate.same_picture import SamePicture
from edge.evaluate.verification import LostPicture
from models.calibration.census import Tally
from models.calibration.rates import Interval, Rate

ASKED_FMR: Mapping[str, float] = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4}
"""The false match rates for which thresholds are told, by the words that name them."""


@dataclass(frozen=True, slots=True)
class BandThreshold:
    """What a band needs for a false match rate."""

    word: str
    """The rate asked for, as in `ASKED_FMR`."""
    counted_x10000: int | None
    """The lowest threshold that at most this share reached; None where too few were compared to resolve it."""
    supported_x10000: int | None
    """The lowest threshold at which the rate is at most this with 95 % confidence, over comparisons and over persons; or None."""
    fnmr: Rate | None
    """False non-matches of the whole population at the counted threshold; None without that, or without pairs of one person."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The comparisons of two persons in one stratum."""

    tally: Tally
    fmr: Rate
    """At the shipped threshold, with the exact interval, which is too narrow where few persons make many comparisons."""
    by_person: Interval
    """The interval over persons."""
    thresholds: tuple[BandThreshold, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """Two files that are the same picture."""

    a: str
    b: str
    found: SamePicture
    two_persons: bool
    """Whether they stand under two persons."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Two files of two persons whose similarity is among the highest."""

    a: str
    b: str
    similarity_x10000: int


@dataclass(frozen=True, slots=True)
class Hub:
    """A file that matches files of other persons."""

    file: str
    false_matches: int


@dataclass(frozen=True, slots=True, eq=False)
class PopulationReport:
    """The figures of one population."""

    name: str
    threshold_x10000: int
    """The shipped one."""
    listed: int
    known_from: KnownFrom
    lost: tuple[LostPicture, ...]
    persons: int
    """Of the pictures that were compared, as stated."""
    bands: tuple[Band, ...]
    """The band `all` first."""
    genuine: Tally
    """The comparisons of two pictures of one person; there may be none."""
    fnmr: Rate
    """Of those, at the shipped threshold."""
    twins: tuple[Twin, ...]
    declared: int
    """Pairs that somebody found to show one person."""
    left_out: int
    """Comparisons of two stated persons that were not counted, since the two are or may be one."""
    alike: tuple[Alike, ...]
    hubs: tuple[Hub, ...]
    warnings: tuple[str, ...]
