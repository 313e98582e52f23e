"""The statement that a unit signs about one attempt: an EAT profile (RFC 9711), without image, template, name or float.

Scores travel as integers x 10 000. A released version is read for ever: a new claim means a new profile. Profile 2 names the
class of the reference where that is not a document; everything else is said with profile 1, byte for byte as ever. Profile 4 says
what the visitor agreed to, how hot the unit was, or both; it may hold what profiles 2 and 3 hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wire.claims import Claims, as_word, without_none
from wire.codec import Value, encode
from wire.enrolment import read_unit_name
from wire.errors import StatementInvalidError
from wire.reasons import Reason
from wire.reference import ReferenceClass

PROFILE = "tag:lifecert.example,2026:result/1"
"""EAT profile (RFC 9711, 4.3.2) of a result without a comparison, or with one against a document."""
PROFILE_2 = "tag:lifecert.example,2026:result/2"
"""EAT profile of a result that names the class of the reference that was compared."""
PROFILE_3 = "tag:lifecert.example,2026:result/3"
"""EAT profile of a result whose visitor was asked for another action than the nonce draws; it may name the class, too."""

PROFILE_4 = "tag:lifecert.example,2026:result/4"
"""EAT profile of a result that says what its visitor agreed to, or how hot the unit was; it may say what profile 3 says, too."""

SCALE = 10_000
"""Scores and thresholds are multiplied by this and rounded."""

ACTION_CUE = "action"
"""The cue of a visitor who did what was asked: 10 000 when done, 0 when not."""
TEXTURE_CUE, CODE_CUE, RELIEF_CUE = "texture", "code", "relief"
"""The cues of the texture of skin, and of the face's answer to the unit's own lamps: whether, and with which shape."""

DIGEST_BYTES = 32
FIRST_PREVIOUS = bytes(DIGEST_BYTES)
"""What the first result of a unit names as its predecessor."""


class Verdict(StrEnum):
    """How an attempt ended. An attack is its own class, not a failure (R35)."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVIEW = "review"
    ATTACK = "attack"
    ABORTED = "aborted"


class Mode(StrEnum):
    """What the visitor was asked: to hold still, to do something (R34), or both, in the light of the unit's own lamps."""

    PASSIVE = "passive"
    ACTIVE = "active"
    FULL = "full"


CUES_OF: Mapping[Mode, frozenset[str]] = {
    Mode.PASSIVE: frozenset({TEXTURE_CUE}),
    Mode.ACTIVE: frozenset({TEXTURE_CUE, ACTION_CUE}),
    Mode.FULL: frozenset({TEXTURE_CUE, ACTION_CUE, CODE_CUE, RELIEF_CUE}),
}
"""The cues that a mode gathers: nobody is accepted while one of them is missing."""


class ClockState(StrEnum):
    """How far the unit's own clock may be believed."""

    SYNCED = "synced"
    HOLDOVER = "holdover"
    UNSYNCED = "unsynced"


class DebugStatus(StrEnum):
    """EAT `dbgstat`: whether the unit could have been tampered with by its own debug doors."""

    ENABLED = "enabled"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Likeness:
    """Similarity and threshold of the one comparison that counted, each x 10 000; similarity from -10 000 to 10 000."""

    similarity: int
    threshold: int
    reference_class: ReferenceClass = ReferenceClass.DOCUMENT
    """Where the reference comes from that was compared; each class has its own threshold."""


@dataclass(frozen=True, slots=True)
class CueScore:
    """One liveness cue, score and threshold x 10 000; the cue speaks against life if the score is below the threshold."""

    cue: str
    score: int
    threshold: int


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A network that took part, named by the SHA-256 of its file."""

    name: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Clock:
    """What the unit's clock said, and how much of it to believe."""

    issued_at_s: int
    """`iat`, Unix time, never below the unit's time floor."""
    state: ClockState
    bound_s: int
    """Largest error the unit expects, seconds; 0 where it cannot tell (unsynced)."""
    uptime_s: int
    boot_count: int
    boot_seed: bytes
    """Random of this boot, 32 bytes: together with uptime it orders results without a clock."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The ticket that this attempt answers."""

    case: str
    subject: str
    """Pseudonym of the beneficiary within the programme."""
    nonce: bytes
    policy: str


class BoardHeat(StrEnum):
    """How hot a unit was at most while it looked, also by what its board says that it slows down (F61)."""

    COOL = "cool"
    WARM = "warm"
    HOT = "hot"


class ConsentGiven(StrEnum):
    """How a visitor agreed (R62)."""

    TOUCH = "touch"
    BUTTON = "button"
    WITNESS = "witness"
    """To the worker who brought the ticket, who stands for it."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the visitor of an attempt agreed to, before the unit looked."""

    text: str
    """Names the wording: 1 to 64 characters."""
    language: str
    """BCP 47 tag of the language in which it stood there: 1 to 35 characters."""
    how: ConsentGiven
    given_at_s: int
    """Unix time on the unit's clock."""


@dataclass(frozen=True, slots=True)
class ResultStatement:
    """Everything that a unit says about one attempt. What was not measured is None, and then absent on the wire.

    The order of `reasons` counts (the most important first); that of `liveness` and `models` does not travel.
    """

    unit: str
    result_id: bytes
    """16 random bytes (`cti`)."""
    sequence: int
    """1, 2, 3 ... of this unit, without gaps."""
    previous: bytes
    """SHA-256 of the unit's previous envelope; 32 zero bytes before the first."""
    clock: Clock
    visit: Visit | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    mode: Mode
    likeness: Likeness | None
    liveness: tuple[CueScore, ...]
    models: tuple[ModelUse, ...]
    frames: int
    software: str
    config_digest: bytes
    debug: DebugStatus
    substituted: bool = False
    """Whether the visitor was asked for another action than the nonce draws: in place of one that they did not do, as the policy
    allows (R67), or of a blink for which the unit sees too few frames (R21)."""
    consent: Consent | None = None
    """None where nobody agreed, or an older unit did not say so."""
    heat: BoardHeat | None = None
    """None where nothing was looked at, and of an older unit."""

    def __post_init__(self) -> None:
        if self.substituted and ACTION_CUE not in CUES_OF[self.mode]:
            raise StatementInvalidError("substituted", f"{self.mode.value} mode asks for no action")
        if len({cue.cue for cue in self.liveness}) != len(self.liveness):
            raise StatementInvalidError("liveness", "one cue has two scores")
        if len({model.name for model in self.models}) != len(self.models):
            raise StatementInvalidError("models", "one model has two digests")
        if self.verdict is Verdict.ACCEPTED and self.reasons:
            raise StatementInvalidError("verdict", "accepted, yet there are reasons against it")
        if self.verdict is not Verdict.ACCEPTED and not self.reasons:
            raise StatementInvalidError("reasons", f"{self.verdict.value}, yet no reason is given")
        if self.verdict is Verdict.ACCEPTED and (self.likeness is None or not self.liveness):
            raise StatementInvalidError("verdict", "accepted without evidence")
        if self.verdict is Verdict.ACCEPTED and self.likeness and self.likeness.similarity < self.likeness.threshold:
            raise StatementInvalidError("verdict", "accepted below its own threshold")
        lacking = CUES_OF[self.mode] - {cue.cue for cue in self.liveness}
        if self.verdict is Verdict.ACCEPTED and lacking:
            raise StatementInvalidError("verdict", f"accepted in {self.mode.value} mode without {', '.join(sorted(lacking))}")
        if self.verdict is Verdict.ACCEPTED and any(cue.score < cue.threshold for cue in self.liveness):
            raise StatementInvalidError("verdict", "accepted against a liveness cue")


# Labels of the IANA CWT registry; those of ours lie in its private range, below -65536.
_ISS, _SUB, _IAT, _CTI = 1, 2, 6, 7
_NONCE, _UPTIME, _DBGSTAT, _PROFILE, _BOOTCOUNT, _BOOTSEED, _SWVERSION = 10, 261, 263, 265, 267, 268, 271
_CLOCK, _CLOCK_BOUND, _SEQ, _PREV, _CASE, _POLICY, _VERDICT, _REASONS = range(-70_001, -70_009, -1)
_MODE, _LIKENESS, _LIVENESS, _MODELS, _FRAMES, _CONFIG, _CLASS, _SUBSTITUTED = range(-70_009, -70_017, -1)
_CONSENT, _HEAT = -70_017, -70_018
_DEBUG_VALUES = {DebugStatus.ENABLED: 0, DebugStatus.DISABLED: 1}


def result_payload(statement: ResultStatement) -> bytes:
    """The bytes to seal for a statement."""
    visit, likeness, named = statement.visit, statement.likeness, _named_class(statement.likeness)
    claims: dict[int | str, Value] = {
        _PROFILE: _profile(statement, named),
        _ISS: statement.unit,
        _SUB: visit.subject if visit else None,
        _CASE: visit.case if visit else None,
        _POLICY: visit.policy if visit else None,
        _NONCE: visit.nonce if visit else None,
        _CTI: statement.result_id,
        _SEQ: statement.sequence,
        _PREV: statement.previous,
        _VERDICT: statement.verdict.value,
        _REASONS: [reason.value for reason in statement.reasons],
        _MODE: statement.mode.value,
        _LIKENESS: [likeness.similarity, likeness.threshold] if likeness else None,
        _CLASS: named,
        _LIVENESS: {cue.cue: [cue.score, cue.threshold] for cue in statement.liveness},
        _MODELS: {model.name: model.sha256 for model in statement.models},
        _FRAMES: statement.frames,
        _SWVERSION: [statement.software],
        _CONFIG: statement.config_digest,
        _DBGSTAT: _DEBUG_VALUES[statement.debug],
        _SUBSTITUTED: 1 if statement.substituted else None,
        _CONSENT: _consent(statement.consent),
        _HEAT: statement.heat.value if statement.heat else None,
    }
    return encode(without_none(claims | _clock_claims(statement.clock)))


def _profile(statement: ResultStatement, named: str | None) -> str:
    """The oldest profile that can say it."""
    if statement.consent or statement.heat:
        return PROFILE_4
    return PROFILE_3 if statement.substituted else PROFILE_2 if named else PROFILE


def _consent(consent: Consent | None) -> Value:
    return [consent.text, consent.language, consent.how.value, consent.given_at_s] if consent else None


def _named_class(likeness: Likeness | None) -> str | None:
    """The class of the reference, where profile 1 does not say it."""
    return likeness.reference_class.value if likeness and likeness.reference_class is not ReferenceClass.DOCUMENT else None


def _clock_claims(clock: Clock) -> dict[int | str, Value]:
    return {
        _IAT: clock.issued_at_s,
        _CLOCK: clock.state.value,
        _CLOCK_BOUND: clock.bound_s,
        _UPTIME: clock.uptime_s,
        _BOOTCOUNT: clock.boot_count,
        _BOOTSEED: clock.boot_seed,
    }


def read_result(payload: bytes) -> ResultStatement:
    """Read a payload that was opened from its envelope; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    profile = claims.text(_PROFILE, "eat_profile", 64)
    if profile not in (PROFILE, PROFILE_2, PROFILE_3, PROFILE_4):
        raise StatementInvalidError("eat_profile", f"none of {PROFILE}, {PROFILE_2}, {PROFILE_3} and {PROFILE_4}")
    names_class = profile == PROFILE_2 or (profile in (PROFILE_3, PROFILE_4) and claims.has(_CLASS))
    substituted = profile == PROFILE_3 or (profile == PROFILE_4 and claims.has(_SUBSTITUTED))
    statement = ResultStatement(
        unit=read_unit_name(claims.text(_ISS, "iss", 40)),
        result_id=claims.data(_CTI, "cti", 16, 16),
        sequence=claims.integer(_SEQ, "seq", 1, 2**48),
        previous=claims.data(_PREV, "prev", DIGEST_BYTES, DIGEST_BYTES),
        clock=_read_clock(claims),
        visit=_read_visit(claims),
        verdict=claims.word(_VERDICT, "verdict", Verdict),
        reasons=tuple(as_word(Reason, word, "reasons") for word in claims.texts(_REASONS, "reasons", 16)),
        mode=claims.word(_MODE, "mode", Mode),
        likeness=_read_likeness_of_class(claims) if names_class else _read_likeness(claims),
        liveness=_read_liveness(claims),
        models=_read_models(claims),
        frames=claims.integer(_FRAMES, "frames", 0, 2**32),
        software=_only(claims.texts(_SWVERSION, "swversion", 1), "swversion"),
        config_digest=claims.data(_CONFIG, "config", DIGEST_BYTES, DIGEST_BYTES),
        debug=_read_debug(claims),
        substituted=substituted and claims.integer(_SUBSTITUTED, "substituted", 1, 1) == 1,
        consent=_read_consent(claims) if profile == PROFILE_4 and claims.has(_CONSENT) else None,
        heat=claims.word(_HEAT, "heat", BoardHeat) if profile == PROFILE_4 and claims.has(_HEAT) else None,
    )
    claims.finish()
    if profile == PROFILE_4 and not (statement.consent or statement.heat):
        raise StatementInvalidError("eat_profile", f"{PROFILE_4} for what an older one says")
    return statement


def _read_clock(claims: Claims) -> Clock:
    return Clock(
        issued_at_s=claims.time_s(_IAT, "iat"),
        state=claims.word(_CLOCK, "clock", ClockState),
        bound_s=claims.integer(_CLOCK_BOUND, "clock_bound", 0, 2**32),
        uptime_s=claims.integer(_UPTIME, "uptime", 0, 2**40),
        boot_count=claims.integer(_BOOTCOUNT, "bootcount", 0, 2**32),
        boot_seed=claims.data(_BOOTSEED, "bootseed", 32, 32),
    )


def _read_visit(claims: Claims) -> Visit | None:
    if not any(claims.has(label) for label in (_SUB, _CASE, _POLICY, _NONCE)):
        return None
    return Visit(
        case=claims.text(_CASE, "case", 64),
        subject=claims.text(_SUB, "sub", 64),
        nonce=claims.data(_NONCE, "eat_nonce", 16, 64),
        policy=claims.text(_POLICY, "policy", 64),
    )


def _read_consent(claims: Claims) -> Consent:
    match claims.raw(_CONSENT, "consent"):
        case [str() as text, str() as language, str() as how, int() as given_at_s] if not isinstance(given_at_s, bool):
            if 1 <= len(text) <= 64 and 1 <= len(language) <= 35 and 0 <= given_at_s < 2**40:
                return Consent(text, language, as_word(ConsentGiven, how, "consent"), given_at_s)
    raise StatementInvalidError("consent", "not a wording, its language, how it was given, and when")


def _read_likeness(claims: Claims) -> Likeness | None:
    if not claims.has(_LIKENESS):
        return None
    return Likeness(*_pair(claims.raw(_LIKENESS, "likeness"), "likeness"))


def _read_likeness_of_class(claims: Claims) -> Likeness:
    reference_class = claims.word(_CLASS, "reference_class", ReferenceClass)
    if reference_class is ReferenceClass.DOCUMENT:
        raise StatementInvalidError("reference_class", f"a document is said with {PROFILE}")
    return Likeness(*_pair(claims.raw(_LIKENESS, "likeness"), "likeness"), reference_class)


def _read_liveness(claims: Claims) -> tuple[CueScore, ...]:
    table = claims.table(_LIVENESS, "liveness", 8)
    return tuple(CueScore(cue, *_pair(value, "liveness")) for cue, value in table.items())


def _read_models(claims: Claims) -> tuple[ModelUse, ...]:
    uses = []
    for name, digest in claims.table(_MODELS, "models", 12).items():
        if not isinstance(digest, bytes) or len(digest) != DIGEST_BYTES:
            raise StatementInvalidError("models", "a digest is not 32 bytes")
        uses.append(ModelUse(name, digest))
    return tuple(uses)


def _read_debug(claims: Claims) -> DebugStatus:
    value = claims.integer(_DBGSTAT, "dbgstat", 0, 1)
    return next(status for status, number in _DEBUG_VALUES.items() if number == value)


def _pair(value: Value, name: str) -> tuple[int, int]:
    match value:
        case [int() as first, int() as second] if not isinstance(first, bool) and not isinstance(second, bool):
            if all(-SCALE <= number <= SCALE for number in (first, second)):
                return first, second
    raise StatementInvalidError(name, f"not two integers from -{SCALE} to {SCALE}")


def _only(texts: tuple[str, ...], name: str) -> str:
    if len(texts) != 1:
        raise StatementInvalidError(name, "not exactly one text")
    return texts[0]
