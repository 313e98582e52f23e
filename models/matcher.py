"""What turns a face into one embedding: a network, or several whose answers are weighed; and the name its embeddings go by.

Pure data and one digest. It opens no network and needs no library, so the centre reads it too.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from models.card import FaceInput, ModelCard
from models.digests import Sha256
from models.errors import EmbedderExpectedError, MatcherUncalibratedError
from wire.policy import SHARE_SCALE, Calibration, ReferenceClass

DEFAULT_MATCHER = "reid0095_mfn"
"""The matcher of a unit that no policy tells otherwise."""

PREPARATION = 1
"""How this version makes crops and averages them; it counts up when any of this changes.

Five points of `landmarks5` in the box of `yunet_n`, a similarity transform onto the points of each network's card, the mean of
the unit vectors of crops and mirrored crops."""


@dataclass(frozen=True, slots=True)
class MatcherPart:
    """One network of a matcher."""

    network: str
    """Its name in the manifest; a card for the purpose of an embedder."""
    weight: int
    """Its share in the similarity, beside the weights of the others; at least 1."""


@dataclass(frozen=True, slots=True)
class ShippedCalibration:
    """The proof of a shipped threshold: what was counted, among whom, when (ISO/IEC 19795-1)."""

    population: str
    """Among whom, for people; 1 to 64 characters."""
    reference_class: ReferenceClass
    claimed_fmr: float
    """At most this share of strangers is taken for the person."""
    false_matches: int
    comparisons: int
    persons: int
    fmr_low: float
    fmr_high: float
    """The 95 % interval of the share that was counted."""
    date: date
    """The day on which it was counted."""


@dataclass(frozen=True, slots=True)
class ShippedThreshold:
    """A threshold with its proof; apart they do not exist."""

    threshold_x10000: int
    review_from_x10000: int
    meaning: str
    """What the score is and what the threshold costs, in words."""
    derived_from: str
    """On which material it was found."""
    calibration: ShippedCalibration


@dataclass(frozen=True, slots=True)
class MatcherCard:
    """Everything that is promised about one matcher."""

    name: str
    parts: tuple[MatcherPart, ...]
    """At least one; their order is that of the embedding."""
    preparation: int
    """The version of how crops are made and averaged, as `PREPARATION`."""
    shipped: ShippedThreshold | None
    """None for a matcher whose threshold is not proven: only a policy can give it one."""

    def proven(self) -> ShippedThreshold:
        """The shipped threshold with its proof; raises `MatcherUncalibratedError`."""
        if self.shipped is None:
            raise MatcherUncalibratedError(self)
        return self.shipped

    @property
    def threshold_x10000(self) -> int:
        """From which similarity times 10000 on two faces are one person's; raises `MatcherUncalibratedError`."""
        return self.proven().threshold_x10000

    @property
    def review_from_x10000(self) -> int:
        """From which similarity times 10000 on a person looks; below the threshold; raises `MatcherUncalibratedError`."""
        return self.proven().review_from_x10000

    @property
    def calibration(self) -> ShippedCalibration:
        """The proof of the shipped threshold; raises `MatcherUncalibratedError`."""
        return self.proven().calibration

    @property
    def shares(self) -> tuple[float, ...]:
        """The part of each network in the similarity, in order; their sum is 1."""
        whole = sum(part.weight for part in self.parts)
        return tuple(part.weight / whole for part in self.parts)

    @property
    def networks(self) -> tuple[str, ...]:
        """The names of its networks, in order."""
        return tuple(part.network for part in self.parts)


def single(network: str) -> MatcherCard:
    """The matcher that is one network alone, without a threshold; it has the network's name."""
    return MatcherCard(network, (MatcherPart(network, 1),), PREPARATION, None)


def matcher_digest(card: MatcherCard, cards: Mapping[str, ModelCard]) -> bytes:
    """The 32 bytes that stand for embeddings that may be compared: two matchers with the same ones give the same numbers.

    SHA-256 over the version of the preparation and, in order, of each network the digest of its file, its weight (all divided by
    their greatest common divisor) and how a face is fed to it. The name is not part of it, nor is what runs the networks: a
    calibration names that beside it. `cards` holds the networks by name. Raises `EmbedderExpectedError`.
    """
    divisor = math.gcd(*(part.weight for part in card.parts))
    lines = [f"lifecert matcher, preparation {card.preparation}"]
    lines += (_part_line(cards[part.network], part.weight // divisor) for part in card.parts)
    return hashlib.sha256("\n".join(lines).encode("ascii")).digest()


def digest_as_shipped(card: MatcherCard, cards: Mapping[str, ModelCard]) -> Sha256:
    """The digest of a matcher of shipped networks, as text: what the record of a quantized embedder names it by."""
    return Sha256(matcher_digest(card, cards).hex())


def policy_calibration(card: MatcherCard, digest: bytes, runtime: str) -> Calibration:
    """The shipped threshold as a policy carries it, for a digest and what runs the networks, as "onnxruntime 1.32.0".

    Raises `MatcherUncalibratedError`, and `StatementInvalidError` of wire when the counts do not support the claim.
    """
    shipped = card.proven()
    found = shipped.calibration
    return Calibration(
        matcher=card.name,
        model_digest=digest,
        runtime=runtime,
        reference_class=found.reference_class,
        population=found.population,
        threshold_x10000=shipped.threshold_x10000,
        review_from_x10000=shipped.review_from_x10000,
        claimed_fmr_x1e9=round(found.claimed_fmr * SHARE_SCALE),
        false_matches=found.false_matches,
        comparisons=found.comparisons,
        persons=found.persons,
        fmr_low_x1e9=math.floor(found.fmr_low * SHARE_SCALE),
        fmr_high_x1e9=math.ceil(found.fmr_high * SHARE_SCALE),
        calibrated_at_s=round(datetime.combine(found.date, time(), UTC).timestamp()),
    )


def _part_line(card: ModelCard, weight: int) -> str:
    if card.face is None or card.input is None:
        raise EmbedderExpectedError(card)
    return f"{card.sha256} weight {weight} {card.input.colour} {_fed(card.face)}"


def _fed(face: FaceInput) -> str:
    points = " ".join(_numbers(point) for point in face.points)
    return f"crop {face.crop_px} points {points} mean {_numbers(face.mean)} deviation {_numbers(face.deviation)}"


def _numbers(values: Iterable[float]) -> str:
    # The shortest text that reads back as the same number: the same on every machine and in every version of Python.
    return ",".join(repr(float(value)) for value in values)
