"""An arrival that was verified, a leaf of the book, and a fault that was found in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from wire.keys import KeyId
from wire.receipt import Standing
from wire.result import ResultStatement


class Cause(StrEnum):
    """Why a result has its standing."""

    SETTLES = "settles"
    NO_TICKET = "no_ticket"
    ABORTED = "aborted"
    SETTLED_BEFORE = "settled_before"
    UNIT_BLOCKED = "unit_blocked"
    FORK = "fork"
    """The unit's sequence has another result at this place: it was copied or rolled back."""
    KEY_EXPIRED = "key_expired"
    NONCE_UNKNOWN = "nonce_unknown"
    OTHER_UNIT = "other_unit"
    OTHER_PERSON = "other_person"
    """Case or subject differ from the ticket."""
    OTHER_RULES = "other_rules"
    """Policy or mode differ from the ticket."""
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A result whose signature fits the registered key of its unit."""

    envelope: bytes
    """The exact bytes that arrived."""
    payload: bytes
    """The statement inside, as it was signed."""
    statement: ResultStatement
    key: KeyId
    key_not_after_s: int

    @property
    def payload_sha256(self) -> bytes:
        """Names the statement; a second signature over the same statement does not change it."""
        return hashlib.sha256(self.payload).digest()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One row of the book. Never changed, never deleted."""

    leaf: int
    """0, 1, 2 ... without gaps."""
    unit: str
    result_id: bytes
    sequence: int
    previous: bytes
    payload_sha256: bytes
    envelope: bytes
    envelope_sha256: bytes
    leaf_hash: bytes
    key: KeyId
    verdict: str
    reasons: str
    """Reason codes with a space between."""
    case: str | None
    subject: str | None
    nonce: bytes | None
    standing: Standing
    cause: Cause
    signed_after_s: int
    """Earliest time at which it can have been signed, as far as the centre can tell."""
    received_at_s: int
    receipt: bytes
    """The sealed receipt, issued once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the book that is not as it was written."""

    leaf: int
    what: str


def leaf_hash(envelope: bytes) -> bytes:
    """SHA-256 of a zero byte and the envelope (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + envelope).digest()
