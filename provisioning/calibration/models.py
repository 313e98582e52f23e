"""A calibration as it is kept: what was asked, what was counted, and among whom."""

from __future__ import annotations

from dataclasses import dataclass

from wire.cohort import CohortHead
from wire.reference import ReferenceClass

EVERYBODY = "all"
"""The name of the stratum of all comparisons."""


@dataclass(frozen=True, slots=True)
class MatcherUse:
    """A matcher, what runs it, and what it compares visitors with: embeddings are comparable only where all of this is equal."""

    matcher: str
    model_digest: bytes
    runtime: str
    reference_class: ReferenceClass

    def fits(self, other: MatcherUse) -> bool:
        """Whether both are the same use; the name of the matcher is for people and does not count."""
        mine = (self.model_digest, self.runtime, self.reference_class)
        return mine == (other.model_digest, other.runtime, other.reference_class)


def use_of(head: CohortHead) -> MatcherUse:
    """The use that the embeddings of a cohort are of."""
    return MatcherUse(head.matcher, head.model_digest, head.runtime, head.reference_class)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Two shares x 1e9 between which the true one lies; the lower one rounded down, the upper one up."""

    low_x1e9: int
    high_x1e9: int


@dataclass(frozen=True, slots=True)
class StratumCount:
    """The comparisons of two persons within some part of the people, and how many of them reach the threshold."""

    name: str
    persons: int
    comparisons: int
    false_matches: int


@dataclass(frozen=True, slots=True)
class AgeShare:
    """How many references are of an age band."""

    band: str
    references: int


@dataclass(frozen=True, slots=True)
class MeasuredThreshold:
    """A threshold, the claim it is to support, and everything that was counted."""

    use: MatcherUse
    population: str
    cohorts: tuple[str, ...]
    threshold_x10000: int
    review_from_x10000: int
    claimed_fmr_x1e9: int
    overall: StratumCount
    """Of the people among whom the claim is to hold; its name says whom."""
    references: int
    merged: int
    """Persons who were in the references under a second name, by the word of whoever calibrated."""
    by_person: Bounds
    """Of that share, when persons and not comparisons are taken as independent."""
    strata: tuple[StratumCount, ...]
    """All others that are told apart."""
    ages: tuple[AgeShare, ...]
    calibrated_at_s: int


@dataclass(frozen=True, slots=True)
class AlikePersons:
    """Two persons who look like one under two names. Pseudonyms: shown to whoever asked, and kept nowhere."""

    one: str
    other: str
    similarity_x10000: int


@dataclass(frozen=True, slots=True)
class KeptCalibration:
    """A calibration in the database."""

    id: int
    found: MeasuredThreshold
