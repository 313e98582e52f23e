"""The policy of a programme, signed by the centre: which matcher may accept whom, at which proven threshold.

A threshold never travels alone. It belongs to one matcher under one runtime, one class of reference and one population, and
carries the counts that prove its false match rate (FMR, ISO/IEC 19795-1). Shares travel as integers x 1e9, scores x 10 000.

Profile 2 names the liveness cues without which nobody may be accepted; a policy that names none is said with profile 1, byte for
byte as ever. A unit that knows only the first refuses the second instead of leaving the cues out. Profile 3 lets a visitor who
cannot do what was asked do something else, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wire.claims import Claims, without_none
from wire.codec import Value, encode
from wire.errors import StatementInvalidError
from wire.reference import ReferenceClass as ReferenceClass  # named here too: a calibration is for one
from wire.result import CUES_OF, DIGEST_BYTES, SCALE, Mode

PROFILE = "tag:lifecert.example,2026:policy/1"
"""EAT profile of a policy that leaves the cues to the ticket's mode."""
PROFILE_2 = "tag:lifecert.example,2026:policy/2"
"""EAT profile of a policy that names the cues it requires."""
PROFILE_3 = "tag:lifecert.example,2026:policy/3"
"""EAT profile of a policy under which another action may be asked for in place of one; it may require cues, too."""

SHIPPED_POLICY = "default/2"
"""The policy of a unit that the centre signed none for: the threshold that ships with its matcher. No signed policy bears it.

The number counts up whenever the shipped matcher or its threshold changes."""

SHARE_SCALE = 10**9
"""Error rates are multiplied by this: an FMR of 1e-4 travels as 100 000."""

MOST_CALIBRATIONS = 8
COMPARISONS_PER_CLAIM = 3
"""A claimed FMR p needs at least 3 / p comparisons: with fewer, not even none at all going wrong would prove it."""
HIGHEST_CLAIM_X1E9 = SHARE_SCALE // 10
"""A threshold that lets more than one stranger in ten pass proves nobody's identity."""

CUES = CUES_OF[Mode.FULL]
"""Every cue that a policy can require."""

_POLICY_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,46}/[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold with its proof. One that does not support its own claim cannot be made: `StatementInvalidError`."""

    matcher: str
    """Name of the matcher, for people; 1 to 64 characters."""
    model_digest: bytes
    """SHA-256 that stands for the networks, weights and preparation of the matcher."""
    runtime: str
    """What ran the networks, with its version, for example "onnxruntime 1.20.1"; 1 to 64 characters."""
    reference_class: ReferenceClass
    population: str
    """Among whom the comparisons were made, for people; 1 to 64 characters."""
    threshold_x10000: int
    """Similarity x 10 000 from which on a visitor is accepted, 1 to 10 000."""
    review_from_x10000: int
    """Similarity x 10 000 from which on, below the threshold, a person decides."""
    claimed_fmr_x1e9: int
    """What the programme was promised: at most this share of strangers reaches the threshold."""
    false_matches: int
    """Comparisons of two persons that reached the threshold."""
    comparisons: int
    """All comparisons of two persons."""
    persons: int
    fmr_low_x1e9: int
    """Lower 95 % bound of the FMR, rounded down."""
    fmr_high_x1e9: int
    """Upper 95 % bound of the FMR, rounded up."""
    calibrated_at_s: int

    def __post_init__(self) -> None:
        if not 1 <= self.threshold_x10000 <= SCALE:
            raise StatementInvalidError("threshold", f"not from 1 to {SCALE}")
        if not -SCALE <= self.review_from_x10000 < self.threshold_x10000:
            raise StatementInvalidError("review_from", "not below the threshold")
        if not 1 <= self.claimed_fmr_x1e9 <= HIGHEST_CLAIM_X1E9:
            raise StatementInvalidError("claimed_fmr", f"not from 1 to {HIGHEST_CLAIM_X1E9}")
        if self.persons < 2 or self.comparisons < 1:
            raise StatementInvalidError("comparisons", "nobody was compared with anybody")
        if self.comparisons * self.claimed_fmr_x1e9 < COMPARISONS_PER_CLAIM * SHARE_SCALE:
            raise StatementInvalidError("comparisons", f"fewer than {COMPARISONS_PER_CLAIM} for each error that is claimed")
        self._check_interval()
        if self.fmr_high_x1e9 > self.claimed_fmr_x1e9:
            raise StatementInvalidError("fmr_high", "the upper bound lies above the claim")

    def _check_interval(self) -> None:
        """The share that was counted lies inside, and the upper bound is not nearer to it than any 95 % bound can be."""
        if not 0 <= self.false_matches <= self.comparisons:
            raise StatementInvalidError("false_matches", "more than there are comparisons, or less than none")
        if not 0 <= self.fmr_low_x1e9 <= self.fmr_high_x1e9 <= SHARE_SCALE:
            raise StatementInvalidError("fmr_low", "the bounds are not two shares in order")
        counted = self.false_matches * SHARE_SCALE
        if self.fmr_low_x1e9 * self.comparisons > counted:
            raise StatementInvalidError("fmr_low", "the share that was counted lies below it")
        if self.fmr_high_x1e9 * self.comparisons < self._least_upper_count() * SHARE_SCALE:
            raise StatementInvalidError("fmr_high", "too near to the share that was counted, or below it")

    def _least_upper_count(self) -> int:
        """A count that the upper bound must reach: rule of three for none, else one more (the exact bound is farther away)."""
        return min(max(self.false_matches + 1, COMPARISONS_PER_CLAIM), self.comparisons)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a programme holds its units to. A policy without a calibration cannot be made: `StatementInvalidError`."""

    id: str
    """NAME/N; N counts up with each version. Tickets and results name it."""
    programme: str
    """Whose policy it is, for people; 1 to 64 characters."""
    issued_at_s: int
    not_before_s: int
    not_after_s: int
    calibrations: tuple[Calibration, ...]
    """1 to 8, each for another matcher, runtime or class of reference."""
    required_cues: frozenset[str] = frozenset()
    """Words of `CUES`. A ticket whose mode lacks one of them is refused by the unit, and so is one on a board that lacks it."""
    substitution: bool = False
    """Whether a visitor who does not do what was asked may be asked for one other action of the same kind (R67)."""

    def __post_init__(self) -> None:
        read_policy_id(self.id)
        if not 1 <= len(self.calibrations) <= MOST_CALIBRATIONS:
            raise StatementInvalidError("calibrations", f"not 1 to {MOST_CALIBRATIONS}")
        uses = {(found.model_digest, found.runtime, found.reference_class) for found in self.calibrations}
        if len(uses) != len(self.calibrations):
            raise StatementInvalidError("calibrations", "two for the same matcher, runtime and class of reference")
        if self.not_after_s <= self.not_before_s:
            raise StatementInvalidError("exp", "not after nbf")
        if self.required_cues - CUES:
            raise StatementInvalidError("cues", f"not all of {', '.join(sorted(CUES))}")

    def calibration_for(self, model_digest: bytes, runtime: str, reference_class: ReferenceClass) -> Calibration | None:
        """The one calibration for exactly this use; None where the policy proves nothing about it."""
        wanted = (model_digest, runtime, reference_class)
        fitting = (found for found in self.calibrations if (found.model_digest, found.runtime, found.reference_class) == wanted)
        return next(fitting, None)


def read_policy_id(text: str) -> str:
    """Return the text if it can name a policy, like pension-2027/3; else `StatementInvalidError`."""
    if not _POLICY_ID.fullmatch(text):
        raise StatementInvalidError("policy", "a policy is named by 1 to 47 of a-z, 0-9, dot and hyphen, a slash and a number")
    return text


_SUB, _EXP, _NBF, _IAT, _PROFILE = 2, 4, 5, 6, 265
_PROGRAMME, _CALIBRATIONS, _CUES, _SUBSTITUTION = range(-70_401, -70_405, -1)
# Labels within a calibration.
_MATCHER, _MODEL, _RUNTIME, _CLASS, _POPULATION, _THRESHOLD, _REVIEW = range(1, 8)
_CLAIM, _ERRORS, _OF, _PERSONS, _LOW, _HIGH, _AT = range(8, 15)


def policy_payload(policy: Policy) -> bytes:
    """The bytes to seal for a policy."""
    cues = sorted(policy.required_cues)
    return encode(
        without_none(
            {
                _PROFILE: PROFILE_3 if policy.substitution else PROFILE_2 if cues else PROFILE,
                _SUB: policy.id,
                _PROGRAMME: policy.programme,
                _IAT: policy.issued_at_s,
                _NBF: policy.not_before_s,
                _EXP: policy.not_after_s,
                _CALIBRATIONS: [_calibration_claims(calibration) for calibration in policy.calibrations],
                _CUES: list[Value](cues) or None,
                _SUBSTITUTION: 1 if policy.substitution else None,
            }
        )
    )


def _calibration_claims(calibration: Calibration) -> Value:
    return {
        _MATCHER: calibration.matcher,
        _MODEL: calibration.model_digest,
        _RUNTIME: calibration.runtime,
        _CLASS: calibration.reference_class.value,
        _POPULATION: calibration.population,
        _THRESHOLD: calibration.threshold_x10000,
        _REVIEW: calibration.review_from_x10000,
        _CLAIM: calibration.claimed_fmr_x1e9,
        _ERRORS: calibration.false_matches,
        _OF: calibration.comparisons,
        _PERSONS: calibration.persons,
        _LOW: calibration.fmr_low_x1e9,
        _HIGH: calibration.fmr_high_x1e9,
        _AT: calibration.calibrated_at_s,
    }


def read_policy(payload: bytes) -> Policy:
    """Read a payload that was opened from its envelope; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    profile = claims.text(_PROFILE, "eat_profile", 64)
    if profile not in (PROFILE, PROFILE_2, PROFILE_3):
        raise StatementInvalidError("eat_profile", f"none of {PROFILE}, {PROFILE_2} and {PROFILE_3}")
    names_cues = profile == PROFILE_2 or (profile == PROFILE_3 and claims.has(_CUES))
    policy = Policy(
        id=claims.text(_SUB, "sub", 64),
        programme=claims.text(_PROGRAMME, "programme", 64),
        issued_at_s=claims.time_s(_IAT, "iat"),
        not_before_s=claims.time_s(_NBF, "nbf"),
        not_after_s=claims.time_s(_EXP, "exp"),
        calibrations=_read_calibrations(claims.raw(_CALIBRATIONS, "calibrations")),
        required_cues=_read_cues(claims) if names_cues else frozenset(),
        substitution=profile == PROFILE_3 and claims.integer(_SUBSTITUTION, "substitution", 1, 1) == 1,
    )
    claims.finish()
    return policy


def _read_cues(claims: Claims) -> frozenset[str]:
    """In the one order that they are written in, so that each policy has one spelling."""
    cues = claims.texts(_CUES, "cues", len(CUES))
    if not cues or list(cues) != sorted(set(cues)):
        raise StatementInvalidError("cues", "none, or not each once in the order of the alphabet")
    return frozenset(cues)


def _read_calibrations(value: Value) -> tuple[Calibration, ...]:
    if not isinstance(value, list) or len(value) > MOST_CALIBRATIONS:
        raise StatementInvalidError("calibrations", f"not a list of at most {MOST_CALIBRATIONS}")
    return tuple(_read_calibration(item) for item in value)


def _read_calibration(value: Value) -> Calibration:
    if not isinstance(value, dict):
        raise StatementInvalidError("calibrations", "one of them is not a map of claims")
    claims = Claims(value)
    calibration = Calibration(
        matcher=claims.text(_MATCHER, "matcher", 64),
        model_digest=claims.data(_MODEL, "model", DIGEST_BYTES, DIGEST_BYTES),
        runtime=claims.text(_RUNTIME, "runtime", 64),
        reference_class=claims.word(_CLASS, "reference_class", ReferenceClass),
        population=claims.text(_POPULATION, "population", 64),
        threshold_x10000=claims.integer(_THRESHOLD, "threshold", 1, SCALE),
        review_from_x10000=claims.integer(_REVIEW, "review_from", -SCALE, SCALE),
        claimed_fmr_x1e9=claims.integer(_CLAIM, "claimed_fmr", 1, HIGHEST_CLAIM_X1E9),
        false_matches=claims.integer(_ERRORS, "false_matches", 0, 2**48),
        comparisons=claims.integer(_OF, "comparisons", 1, 2**48),
        persons=claims.integer(_PERSONS, "persons", 2, 2**32),
        fmr_low_x1e9=claims.integer(_LOW, "fmr_low", 0, SHARE_SCALE),
        fmr_high_x1e9=claims.integer(_HIGH, "fmr_high", 0, SHARE_SCALE),
        calibrated_at_s=claims.time_s(_AT, "calibrated_at"),
    )
    claims.finish()
    return calibration
