"""What lies in the spool, as values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NewType

from edge.errors import ResultUnfitError
from wire.envelope import Kind, unverified_payload
from wire.errors import WireError
from wire.result import FIRST_PREVIOUS, Mode, ResultStatement, Verdict, read_result
from wire.ticket import Ticket

AttemptId = NewType("AttemptId", int)
"""Number of an attempt in this spool; it never leaves the unit."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the next result joins the unit's chain of results."""

    sequence: int
    """The number that the next result bears; 1 for the first."""
    previous: bytes
    """SHA-256 of the envelope before it; 32 zero bytes before the first."""


FIRST = Head(1, FIRST_PREVIOUS)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has no result yet."""

    id: AttemptId
    opened_at_s: int
    case: str | None
    mode: Mode
    ticket: Ticket | None
    """The ticket that it answers, where there is one."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A sealed result that waits for its receipt."""

    sequence: int
    result_id: bytes
    digest: bytes
    """SHA-256 of the envelope."""
    envelope: bytes
    tries: int
    """How often it was sent."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A result that was sent, and when it is due again if no receipt comes."""

    sequence: int
    next_try_s: int
    """Seconds on a clock that never steps; it may begin anew with a boot."""


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A policy as it arrived."""

    id: str
    envelope: bytes
    newest: str
    """Id of the newest policy of the same name; another than `id` has taken its place."""
    newest_at_s: int
    """When the newest was issued."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much room the spool takes and leaves."""

    store_bytes: int = 512 * 2**20
    """Largest size of the database, about 300 000 results."""
    spare_bytes: int = 256 * 2**10
    """What must be free in the database and on its disk before a visit may begin; a result takes about 2 KiB."""
    ballast_bytes: int = 256 * 2**10
    """Disk space held back, so that a full disk does not keep the last result from being written (F4)."""


def fitted(envelope: bytes, head: Head, nonce: bytes | None) -> tuple[Queued, Verdict]:
    """Read a result that was just sealed; `ResultUnfitError` unless it continues at `head` and answers the ticket `nonce`."""
    try:
        statement = read_result(unverified_payload(envelope, Kind.RESULT))
    except WireError as error:
        raise ResultUnfitError("it is not a result") from error
    if statement.sequence != head.sequence or statement.previous != head.previous:
        raise ResultUnfitError(f"it does not continue at sequence {head.sequence}")
    if _nonce(statement) != nonce:
        raise ResultUnfitError("it answers another ticket than its attempt")
    digest = hashlib.sha256(envelope).digest()
    return Queued(head.sequence, statement.result_id, digest, envelope, 0), statement.verdict


def _nonce(statement: ResultStatement) -> bytes | None:
    return statement.visit.nonce if statement.visit else None
