"""A unit and how far it has come; a claim, with which it enrols once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DeviceState(StrEnum):
    """registered -> claimed -> active, and from each of them -> blocked."""

    REGISTERED = "registered"
    """Its serial number is known and it may enrol with a claim."""
    CLAIMED = "claimed"
    """It has fetched the first of its two certificates."""
    ACTIVE = "active"
    """It has both certificates."""
    BLOCKED = "blocked"
    """Its certificates are revoked; what it still sends is quarantined."""


@dataclass(frozen=True, slots=True)
class LastHealth:
    """How a unit was when it last said so. Its words are those of its own release."""

    state: str
    trouble: str | None
    """The reason code that a person reads; None where all was well."""
    faults: tuple[str, ...]
    celsius: int | None
    at_s: int
    """When the centre heard it."""


@dataclass(frozen=True, slots=True)
class Device:
    """One enrolment of one appliance. A re-provisioned appliance is a new unit with the same serial number."""

    unit: str
    """Name chosen by the centre, common name of its certificates."""
    serial: str
    state: DeviceState
    registered_at_s: int
    blocked_at_s: int | None
    software: str | None
    """What it last said about itself; None before its first hello."""
    last_sequence: int | None
    seen_at_s: int | None
    health: LastHealth | None = None
    """None where it never said how it is."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A single-use permission to enrol, bound to a serial number. Its text is shown once and kept nowhere."""

    claim_id: int
    unit: str
    serial: str
    digest: bytes
    """SHA-256 of the 16 random bytes."""
    created_at_s: int
    expires_at_s: int
    failures: int
    """Wrong claims shown for this serial number since this claim was made."""


@dataclass(frozen=True, slots=True)
class NewClaim:
    """What `claim new` shows, once."""

    unit: str
    serial: str
    text: str
    """26 letters and digits (base32 of 128 random bits)."""
    expires_at_s: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a unit shows: its serial number and the text of a claim, neither of them checked yet."""

    serial: str
    claim: str
