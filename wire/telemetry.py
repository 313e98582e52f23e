"""What a unit says of its condition, now and then: QoS 0, small, and nothing of a person. It carries no signature, as a hello.

The program that sees faces writes it down; the uplink, which knows nothing of the unit's parts, takes it along.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.claims import Claims
from wire.codec import Value, encode
from wire.condition import UnitCondition, condition_claims, take_condition
from wire.enrolment import read_unit_name

PROFILE = "tag:lifecert.example,2026:telemetry/1"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """How a unit was at a time."""

    unit: str
    at_s: int
    """Unix time by the unit's clock."""
    condition: UnitCondition


_ISS, _IAT, _PROFILE = 1, 6, 265


def telemetry_payload(telemetry: Telemetry) -> bytes:
    """The bytes to keep and to publish."""
    claims: dict[int | str, Value] = {_PROFILE: PROFILE, _ISS: telemetry.unit, _IAT: telemetry.at_s}
    return encode({**claims, **condition_claims(telemetry.condition)})


def read_telemetry(payload: bytes) -> Telemetry:
    """Read it; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    claims.constant(_PROFILE, "eat_profile", PROFILE)
    telemetry = Telemetry(
        unit=read_unit_name(claims.text(_ISS, "iss", 40)),
        at_s=claims.time_s(_IAT, "iat"),
        condition=take_condition(claims),
    )
    claims.finish()
    return telemetry
