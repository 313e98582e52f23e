"""What a unit says each time it connects: how far its results go and which tickets it holds.

It carries no signature of its own: the uplink that sends it has no signing key, and the TLS connection names the unit. A released
version is read for ever: profile 2 adds the unit's condition, and is used where that is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.claims import Claims
from wire.codec import Value, encode
from wire.condition import UnitCondition, condition_claims, take_condition
from wire.enrolment import read_unit_name
from wire.errors import StatementInvalidError

PROFILE = "tag:lifecert.example,2026:hello/1"
PROFILE_2 = "tag:lifecert.example,2026:hello/2"
"""EAT profile of a hello that tells how the unit is."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Lets the centre send again what is missing, and notice a unit that was copied or rolled back."""

    unit: str
    software: str
    last_sequence: int
    """Highest sequence number signed so far; 0 before the first result."""
    waiting: int
    """Results that have no receipt yet."""
    tickets: int
    """Tickets that wait for their visit."""
    condition: UnitCondition | None = None
    """How the unit is; None where nobody has said so."""


_ISS, _PROFILE, _SWVERSION = 1, 265, 271
_LAST, _WAITING, _TICKETS = range(-70_301, -70_304, -1)


def hello_payload(hello: Hello) -> bytes:
    """The bytes to publish."""
    claims: dict[int | str, Value] = {
        _PROFILE: PROFILE_2 if hello.condition else PROFILE,
        _ISS: hello.unit,
        _SWVERSION: hello.software,
        _LAST: hello.last_sequence,
        _WAITING: hello.waiting,
        _TICKETS: hello.tickets,
    }
    return encode({**claims, **condition_claims(hello.condition)} if hello.condition else claims)


def read_hello(payload: bytes) -> Hello:
    """Read a hello; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    profile = claims.text(_PROFILE, "eat_profile", 64)
    if profile not in (PROFILE, PROFILE_2):
        raise StatementInvalidError("eat_profile", f"neither {PROFILE} nor {PROFILE_2}")
    hello = Hello(
        unit=read_unit_name(claims.text(_ISS, "iss", 40)),
        software=claims.text(_SWVERSION, "swversion", 64),
        last_sequence=claims.integer(_LAST, "last", 0, 2**48),
        waiting=claims.integer(_WAITING, "waiting", 0, 2**32),
        tickets=claims.integer(_TICKETS, "tickets", 0, 2**32),
        condition=take_condition(claims) if profile == PROFILE_2 else None,
    )
    claims.finish()
    return hello
