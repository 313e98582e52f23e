"""The permission for one visit, signed by the centre: who is to be checked, by which unit, until when.

A ticket with one picture of a document is what profile 1 says, byte for byte; anything else is profile 2. So each ticket has
one spelling, and a unit that knows only the first refuses the second instead of leaving references out.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.claims import Claims, as_word, without_none
from wire.codec import Value, encode
from wire.enrolment import read_unit_name
from wire.errors import StatementInvalidError
from wire.reference import Reference, ReferenceClass
from wire.result import DIGEST_BYTES, Mode

PROFILE = "tag:lifecert.example,2026:ticket/1"
"""One reference, of class document."""
PROFILE_2 = "tag:lifecert.example,2026:ticket/2"
"""Another class, or several references."""

MOST_REFERENCES = 4


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
    references: tuple[Reference, ...]
    """The pictures that this visit is to be compared with (R30): 1 to 4, each another file."""


_SUB, _AUD, _EXP, _NBF, _IAT, _NONCE, _PROFILE = 2, 3, 4, 5, 6, 10, 265
_CASE, _POLICY, _MODE, _REFERENCE, _REFERENCES = range(-70_101, -70_106, -1)


def ticket_payload(ticket: Ticket) -> bytes:
    """The bytes to seal for a ticket."""
    simple = _is_simple(ticket.references)
    return encode(
        without_none(
            {
                _PROFILE: PROFILE if simple else PROFILE_2,
                _AUD: ticket.unit,
                _CASE: ticket.case,
                _SUB: ticket.subject,
                _NONCE: ticket.nonce,
                _IAT: ticket.issued_at_s,
                _NBF: ticket.not_before_s,
                _EXP: ticket.not_after_s,
                _POLICY: ticket.policy,
                _MODE: ticket.mode.value,
                _REFERENCE: ticket.references[0].sha256 if simple else None,
                _REFERENCES: None if simple else [[one.sha256, one.reference_class.value] for one in ticket.references],
            }
        )
    )


def read_ticket(payload: bytes) -> Ticket:
    """Read a payload that was opened from its envelope; `MalformedError` or `StatementInvalidError` name what is wrong."""
    claims = Claims.of(payload)
    profile = claims.text(_PROFILE, "eat_profile", 64)
    if profile not in (PROFILE, PROFILE_2):
        raise StatementInvalidError("eat_profile", f"neither {PROFILE} nor {PROFILE_2}")
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
        references=_read_only_reference(claims) if profile == PROFILE else _read_references(claims),
    )
    claims.finish()
    if ticket.not_after_s <= ticket.not_before_s:
        raise StatementInvalidError("exp", "not after nbf")
    return ticket


def _is_simple(references: tuple[Reference, ...]) -> bool:
    return len(references) == 1 and references[0].reference_class is ReferenceClass.DOCUMENT


def _read_only_reference(claims: Claims) -> tuple[Reference, ...]:
    return (Reference(claims.data(_REFERENCE, "reference", DIGEST_BYTES, DIGEST_BYTES), ReferenceClass.DOCUMENT),)


def _read_references(claims: Claims) -> tuple[Reference, ...]:
    value = claims.raw(_REFERENCES, "references")
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_REFERENCES:
        raise StatementInvalidError("references", f"not a list of 1 to {MOST_REFERENCES}")
    references = tuple(_read_reference(item) for item in value)
    if len({reference.sha256 for reference in references}) != len(references):
        raise StatementInvalidError("references", "one of them is named twice")
    if _is_simple(references):
        raise StatementInvalidError("references", f"one document alone is said with {PROFILE}")
    return references


def _read_reference(item: Value) -> Reference:
    match item:
        case [bytes() as sha256, str() as word] if len(sha256) == DIGEST_BYTES:
            return Reference(sha256, as_word(ReferenceClass, word, "references"))
    raise StatementInvalidError("references", f"one of them is not a digest of {DIGEST_BYTES} bytes and a class")
