"""The record of a measurement that let a matcher in, or kept it out: what was counted among whom, how fast it is, the verdict.

`lifecert models accept` writes it; the centre reads it, and no policy names a matcher without one. It holds figures only: no
person, no picture, no embedding. Nothing here opens a network, so the centre may use it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from models.digests import Sha256
from models.errors import AcceptanceInvalidError
from wire.errors import StatementInvalidError
from wire.policy import SHARE_SCALE, Calibration, ReferenceClass


class Verdict(StrEnum):
    """What became of a matcher."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PartRecord:
    """One network of the matcher, as it was measured."""

    network: str
    sha256: Sha256
    weight: int
    licence: str
    """SPDX identifier."""


@dataclass(frozen=True, slots=True)
class Band:
    """How many strangers of one kind the matcher takes for one another at the threshold."""

    name: str
    """For people, as "60 and over"."""
    people: int
    comparisons: int
    false_matches: int
    low: float
    high: float
    """The exact 95 % interval over comparisons."""
    low_by_person: float
    high_by_person: float
    """The 95 % interval over persons, the few of whom recur in many comparisons."""
    threshold_1e2_x10000: int | None
    """The lowest threshold with an FMR of at most 1e-2 here; None where there are too few comparisons."""
    threshold_1e3_x10000: int | None

    @property
    def fmr(self) -> float | None:
        """The share that was counted; None without comparisons."""
        return self.false_matches / self.comparisons if self.comparisons else None


@dataclass(frozen=True, slots=True)
class Misses:
    """How many pairs of one person the matcher does not take for one person at the threshold."""

    name: str
    """Which pairs, for people: the name of their list."""
    pairs: int
    missed: int
    low: float
    high: float
    """The exact 95 % interval."""

    @property
    def fnmr(self) -> float | None:
        """The share that was counted; None without pairs."""
        return self.missed / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class Claim:
    """Which threshold the matcher was given, and what that is to guarantee among whom."""

    threshold_x10000: int
    review_from_x10000: int
    fmr: float
    band: str
    """The name of the band in which the claim was proven."""
    population: str
    """Who they were, for people; 1 to 64 characters."""
    reference_class: ReferenceClass


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What one measurement of a matcher found. One that says accepted and does not prove its claim cannot be made."""

    matcher: str
    digest: bytes
    """32 bytes, as `matcher_digest`."""
    runtime: str
    """What ran the networks, with its version."""
    preparation: int
    parts: tuple[PartRecord, ...]
    measured_on: date
    claim: Claim | None
    """None when no threshold supports what was to be claimed."""
    bands: tuple[Band, ...]
    """At the threshold of the claim; empty without one."""
    misses: tuple[Misses, ...]
    """At that threshold; empty without one, and when no pairs of one person were given."""
    speed_ratio: float
    """Computing time per face over that of the default matcher, in the same run."""
    verdict: Verdict
    reasons: tuple[str, ...]
    """Why it was refused, in words; empty when it was accepted."""

    def __post_init__(self) -> None:
        if len(self.digest) != 32:
            raise AcceptanceInvalidError(self.matcher, "digest", "is not 32 bytes")
        if (self.verdict is Verdict.REFUSED) != bool(self.reasons):
            raise AcceptanceInvalidError(self.matcher, "reasons", "are given exactly when it was refused")
        names = [band.name for band in self.bands]
        if len(set(names)) != len(names):
            raise AcceptanceInvalidError(self.matcher, "band", "has one name twice")
        if self.verdict is Verdict.ACCEPTED:
            self.calibration()

    def calibration(self) -> Calibration:
        """The proven threshold as a policy would carry it, with the wider of the two intervals.

        Raises `AcceptanceInvalidError` when there is none, or the counts do not support it.
        """
        if self.claim is None:
            raise AcceptanceInvalidError(self.matcher, "claim", "is missing: no threshold was proven")
        claim, band = self.claim, self._proving_band(self.claim)
        try:
            return Calibration(
                matcher=self.matcher,
                model_digest=self.digest,
                runtime=self.runtime,
                reference_class=claim.reference_class,
                population=claim.population,
                threshold_x10000=claim.threshold_x10000,
                review_from_x10000=claim.review_from_x10000,
                claimed_fmr_x1e9=round(claim.fmr * SHARE_SCALE),
                false_matches=band.false_matches,
                comparisons=band.comparisons,
                persons=band.people,
                fmr_low_x1e9=math.floor(min(band.low, band.low_by_person) * SHARE_SCALE),
                fmr_high_x1e9=math.ceil(max(band.high, band.high_by_person) * SHARE_SCALE),
                calibrated_at_s=round(datetime.combine(self.measured_on, time(), UTC).timestamp()),
            )
        except StatementInvalidError as error:
            raise AcceptanceInvalidError(f"{self.matcher}.claim", error.claim, error.what) from error

    def _proving_band(self, claim: Claim) -> Band:
        for band in self.bands:
            if band.name == claim.band:
                return band
        raise AcceptanceInvalidError(f"{self.matcher}.claim", "band", f"{claim.band} is none of the bands")


def accepted_digests(records: Iterable[Acceptance], runtime: str) -> frozenset[bytes]:
    """The digests of the matchers that were accepted under this very runtime, as "onnxruntime 1.32.0"."""
    accepted = (record for record in records if record.verdict is Verdict.ACCEPTED and record.runtime == runtime)
    return frozenset(record.digest for record in accepted)
