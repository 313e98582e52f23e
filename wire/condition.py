"""How a unit is, in a few words and whole numbers, as it travels in a hello and in telemetry. Nothing of a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wire.claims import Claims, as_word, without_none
from wire.codec import Value
from wire.errors import StatementInvalidError
from wire.reasons import Reason
from wire.result import ClockState

STATES = ("serving", "degraded", "paused", "out_of_service")
MOST_FAULTS, LONGEST_FAULT = 32, 32
COLDEST_C, HOTTEST_C = -40, 150
MOST_MIB = 2**32


class Slowed(StrEnum):
    """What slows a board down."""

    WEAK_SUPPLY = "weak_supply"
    CAPPED = "capped"
    THROTTLED = "throttled"
    SOFT_LIMIT = "soft_limit"


@dataclass(frozen=True, slots=True)
class UnitCondition:
    """How a unit is. Faults are words of the unit's own release, which the centre passes on and does not judge."""

    state: str
    """One of `STATES`."""
    trouble: Reason | None
    """What a person reads; None where all is well."""
    faults: tuple[str, ...]
    """All that is wrong, the most important first."""
    celsius: int | None
    """The board's temperature, whole degrees; None where it has no sensor."""
    slowed: frozenset[Slowed]
    free_mib: int
    clock: ClockState

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise StatementInvalidError("state", "an unknown word")
        plain = all(fault.isascii() and fault.replace("_", "").isalnum() for fault in self.faults)
        if not plain or len(self.faults) > MOST_FAULTS or any(len(fault) > LONGEST_FAULT for fault in self.faults):
            raise StatementInvalidError("faults", "not a list of short words")
        if (self.trouble is None, self.state == STATES[0]) != (not self.faults, not self.faults):
            raise StatementInvalidError("state", "it serves without trouble just when it has no fault")


_STATE, _TROUBLE, _FAULTS, _CELSIUS, _SLOWED, _FREE, _CLOCK = range(-70_311, -70_318, -1)


def condition_claims(condition: UnitCondition) -> dict[int | str, Value]:
    """The claims to add to a statement."""
    claims: dict[int | str, Value] = {
        _STATE: condition.state,
        _TROUBLE: condition.trouble.value if condition.trouble else None,
        _FAULTS: list(condition.faults),
        _CELSIUS: condition.celsius,
        _SLOWED: [*sorted(each.value for each in condition.slowed)],
        _FREE: condition.free_mib,
        _CLOCK: condition.clock.value,
    }
    return without_none(claims)


def take_condition(claims: Claims) -> UnitCondition:
    """Take the claims out of a statement; `StatementInvalidError` names what is wrong."""
    return UnitCondition(
        state=claims.text(_STATE, "state", 32),
        trouble=claims.word(_TROUBLE, "trouble", Reason) if claims.has(_TROUBLE) else None,
        faults=claims.texts(_FAULTS, "faults", MOST_FAULTS),
        celsius=claims.integer(_CELSIUS, "celsius", COLDEST_C, HOTTEST_C) if claims.has(_CELSIUS) else None,
        slowed=frozenset(as_word(Slowed, word, "slowed") for word in claims.texts(_SLOWED, "slowed", len(Slowed))),
        free_mib=claims.integer(_FREE, "free", 0, MOST_MIB),
        clock=claims.word(_CLOCK, "clock", ClockState),
    )
