"""What a unit says each time it connects: how far its results go and which tickets it holds.

It carries no signature of its own: the uplink that sends it has no signing key, and the TLS connection names the unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.claims import Claims
from wire.codec import Value, encode
from wire.enrolment import read_unit_name

PROFILE = "tag:lifecert.example,2026:hello/1"


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


_ISS, _PROFILE, _SWVERSION = 1, 265, 271
_LAST, _WAITING, _TICKETS = range(-70_301, -70_304, -1)


def hello_payload(hello: Hello) -> bytes:
    """The bytes to publish."""
    claims: dict[int | str, Value] = {
        _PROFILE: PROFILE,
        _ISS: hello.unit,
        _SWVERSION: hello.software,
        _LAST: hello.last_sequence,
        _WAITING: hello.waiting,
        _TICKETS: hello.tickets,
    }
    return encode(claims)


def read_hello(payload: bytes) -> Hello:
    """Read a hello; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    claims.constant(_PROFILE, "eat_profile", PROFILE)
    hello = Hello(
        unit=read_unit_name(claims.text(_ISS, "iss", 40)),
        software=claims.text(_SWVERSION, "swversion", 64),
        last_sequence=claims.integer(_LAST, "last", 0, 2**48),
        waiting=claims.integer(_WAITING, "waiting", 0, 2**32),
        tickets=claims.integer(_TICKETS, "tickets", 0, 2**32),
    )
    claims.finish()
    return hello
