"""The centre's signed answer to a result: where it stands in the ledger, and as what. Only this empties a spool."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wire.claims import Claims
from wire.codec import Value, encode
from wire.enrolment import read_unit_name
from wire.result import DIGEST_BYTES

PROFILE = "tag:lifecert.example,2026:receipt/1"


class Standing(StrEnum):
    """What the ledger made of a result. Nothing is thrown away, so every result has one."""

    FINAL = "final"
    """The one result that settles its ticket."""
    RECORDED = "recorded"
    """It stands in the ledger and settles nothing: the attempt was aborted, or had no ticket."""
    SUPERSEDED = "superseded"
    """Another result had settled the ticket already."""
    QUARANTINED = "quarantined"
    """Kept for a person to look at: a forked sequence, a blocked unit, a ticket that does not fit."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A promise of the ledger about one envelope, issued once and repeated byte for byte."""

    unit: str
    result_id: bytes
    """16 bytes, `cti` of the result."""
    envelope_sha256: bytes
    """SHA-256 of the exact envelope that was stored."""
    leaf: int
    """Index in the ledger, from 0."""
    standing: Standing
    issued_at_s: int


_ISS_FOR, _IAT, _CTI, _PROFILE = 3, 6, 7, 265
_DIGEST, _LEAF, _STANDING = range(-70_201, -70_204, -1)


def receipt_payload(receipt: Receipt) -> bytes:
    """The bytes to seal for a receipt."""
    claims: dict[int | str, Value] = {
        _PROFILE: PROFILE,
        _ISS_FOR: receipt.unit,
        _CTI: receipt.result_id,
        _DIGEST: receipt.envelope_sha256,
        _LEAF: receipt.leaf,
        _STANDING: receipt.standing.value,
        _IAT: receipt.issued_at_s,
    }
    return encode(claims)


def read_receipt(payload: bytes) -> Receipt:
    """Read a payload that was opened from its envelope; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    claims.constant(_PROFILE, "eat_profile", PROFILE)
    receipt = Receipt(
        unit=read_unit_name(claims.text(_ISS_FOR, "aud", 40)),
        result_id=claims.data(_CTI, "cti", 16, 16),
        envelope_sha256=claims.data(_DIGEST, "digest", DIGEST_BYTES, DIGEST_BYTES),
        leaf=claims.integer(_LEAF, "leaf", 0, 2**48),
        standing=claims.word(_STANDING, "standing", Standing),
        issued_at_s=claims.time_s(_IAT, "iat"),
    )
    claims.finish()
    return receipt
