"""The permission for one visit, signed by the centre: who is to be checked, by which unit, until when."""

from __future__ import annotations

from dataclasses import dataclass

from wire.claims import Claims, without_none
from wire.codec import encode
from wire.enrolment import read_unit_name
from wire.errors import StatementInvalidError
from wire.result import DIGEST_BYTES, Mode

PROFILE = "tag:lifecert.example,2026:ticket/1"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One visit. The result must echo the nonce; one final result per nonce is kept."""

    unit: str
    case: str
    subject: str
    """Pseudonym of the beneficiary within the programme."""
    nonce: bytes
    """16 to 64 random bytes of the centre."""
    issued_at_s: int
    """A lower bound of the present time for a unit without a clock."""
    not_before_s: int
    not_after_s: int
    policy: str
    mode: Mode
    reference_sha256: bytes
    """Digest of the reference picture that this visit is to be compared with (R30)."""


_SUB, _AUD, _EXP, _NBF, _IAT, _NONCE, _PROFILE = 2, 3, 4, 5, 6, 10, 265
_CASE, _POLICY, _MODE, _REFERENCE = range(-70_101, -70_105, -1)


def ticket_payload(ticket: Ticket) -> bytes:
    """The bytes to seal for a ticket."""
    return encode(
        without_none(
            {
                _PROFILE: PROFILE,
                _AUD: ticket.unit,
                _CASE: ticket.case,
                _SUB: ticket.subject,
                _NONCE: ticket.nonce,
                _IAT: ticket.issued_at_s,
                _NBF: ticket.not_before_s,
                _EXP: ticket.not_after_s,
                _POLICY: ticket.policy,
                _MODE: ticket.mode.value,
                _REFERENCE: ticket.reference_sha256,
            }
        )
    )


def read_ticket(payload: bytes) -> Ticket:
    """Read a payload that was opened from its envelope; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    claims.constant(_PROFILE, "eat_profile", PROFILE)
    ticket = Ticket(
        unit=read_unit_name(claims.text(_AUD, "aud", 40)),
        case=claims.text(_CASE, "case", 64),
        subject=claims.text(_SUB, "sub", 64),
        nonce=claims.data(_NONCE, "eat_nonce", 16, 64),
        issued_at_s=claims.time_s(_IAT, "iat"),
        not_before_s=claims.time_s(_NBF, "nbf"),
        not_after_s=claims.time_s(_EXP, "exp"),
        policy=claims.text(_POLICY, "policy", 64),
        mode=claims.word(_MODE, "mode", Mode),
        reference_sha256=claims.data(_REFERENCE, "reference", DIGEST_BYTES, DIGEST_BYTES),
    )
    claims.finish()
    if ticket.not_after_s <= ticket.not_before_s:
        raise StatementInvalidError("exp", "not after nbf")
    return ticket
