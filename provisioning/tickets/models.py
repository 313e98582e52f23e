"""A ticket as it is kept: what was signed, and whether a result has settled it."""

from __future__ import annotations

from dataclasses import dataclass

from wire.reference import Reference
from wire.result import Mode
from wire.ticket import Ticket


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """What is asked for: who is to be checked, by which unit."""

    unit: str
    case: str
    subject: str
    policy: str
    mode: Mode
    references: tuple[Reference, ...]
    """The reference pictures by their digests, 1 to 4; the pictures themselves are not kept here."""
    valid_s: int


@dataclass(frozen=True, slots=True)
class KeptTicket:
    """A ticket in the database."""

    ticket: Ticket
    envelope: bytes
    settled_leaf: int | None
    """The leaf of the one final result; None while the visit is open."""
