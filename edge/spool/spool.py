"""The spool: results that wait for their receipts, attempts for their result, tickets for their visit; and policies.

Two programs open it, each from one thread: `lifecert-edge` writes attempts and results, `lifecert-uplink` the rest. A row leaves
the outbox only for a signed receipt of the centre. Verifying signatures is the caller's work, before calling.
"""

from __future__ import annotations

import functools
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from edge.errors import (
    AttemptNotOpenError,
    ReceiptUnfitError,
    StoreFullError,
    StoreUnusableError,
    TicketUnknownError,
    TicketUsedError,
)
from edge.file_lock import held_alone, held_in_turn
from edge.spool.ballast import Ballast
from edge.spool.database import (
    PAGE_BYTES,
    bring_up_to_date,
    connect,
    fault_of,
    named_faults,
    new_file,
    place_new_file,
    set_foreign_journal_aside,
    transaction,
)
from edge.spool.head_note import HeadNote
from edge.spool.policies import keep_policy, kept_policy
from edge.spool.rows import FIRST, Attempt, AttemptId, Head, KeptPolicy, Limits, Queued, Sent, fitted
from edge.spool.salvage import rebuild
from wire.envelope import Kind, unverified_payload
from wire.errors import WireError
from wire.policy import Policy
from wire.receipt import Receipt
from wire.result import Mode, Verdict
from wire.ticket import Ticket, read_ticket

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

RECEIPTS_KEPT_S = 90 * 86_400
"""How long a receipt outlives its envelope, and a ticket its last day; measured between signed times, not by the unit's clock."""


def open_spool(path: Path, now: Callable[[], int], limits: Limits | None = None) -> Spool:
    """Open the spool, making or rebuilding it where needed; `now` gives Unix seconds for the record only.

    Raises `SpoolDamagedError` when the last sequence number is lost, `StoreUnusableError` and `StoreFullError` for the disk.
    """
    limits = limits or Limits()
    ballast = Ballast(path.with_name(path.name + ".ballast"), limits.ballast_bytes)
    try:
        return _opened(path, now, limits, ballast)
    except (StoreFullError, StoreUnusableError) as error:
        # SQLite cannot even read without room for its shared memory: a unit that boots with a full disk needs the ballast here.
        if ballast.shed():
            return _opened(path, now, limits, ballast)
        if ballast.free_beside_bytes() < _SHARED_MEMORY_BYTES:
            raise StoreFullError("no space is left on the disk") from error
        raise


_SHARED_MEMORY_BYTES = 32 * 2**10
"""What SQLite's WAL index takes at least."""


def _opened(path: Path, now: Callable[[], int], limits: Limits, ballast: Ballast) -> Spool:
    try:
        with held_in_turn(_lock(path, "open")):
            _put_in_order(path, str(now()))
            return Spool(path, connect(path, limits.store_bytes), now, limits, ballast)
    except OSError as error:
        raise StoreUnusableError(error.strerror or type(error).__name__) from error


def _put_in_order(path: Path, suffix: str) -> None:
    set_foreign_journal_aside(path, suffix)
    place_new_file(path, suffix)
    if not path.exists():
        head = HeadNote.beside(path).replaces(None)
        if head:
            log.error("the spool is gone; results that had no receipt are lost", extra={"next_sequence": head.sequence})
        with new_file(path, head or FIRST):
            pass
    elif fault := fault_of(path):
        rebuild(path, fault)
    else:
        bring_up_to_date(path)
    place_new_file(path, suffix)


def _lock(path: Path, purpose: str) -> Path:
    return path.with_name(f"{path.name}.{purpose}.lock")


class Spool:
    """An open spool. Every method is durable when it returns; any raises `StoreUnusableError` when the disk fails."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, now: Callable[[], int], limits: Limits, ballast: Ballast
    ) -> None:
        self._path, self._connection, self._now, self._limits, self._ballast = path, connection, now, limits, ballast
        self._inode = path.stat().st_ino
        self._ballast.lay()
        self._note = HeadNote.beside(path)
        self._held = ExitStack()
        self._holds_attempts = False
        self._continue_from_note()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of the right to make attempts."""
        self._connection.close()
        self._held.close()

    # Attempts and results: lifecert-edge

    def unfinished(self) -> list[Attempt]:
        """Attempts that never got their result, to be reported as aborted; call it before the first attempt (threat 29).

        Raises `AlreadyRunningError` when another program makes attempts on this spool: they are its own, and going on.
        """
        self._be_the_only_one()
        rows = self._rows(
            "SELECT id, opened_at_s, a.case_id, mode, envelope FROM attempts a LEFT JOIN tickets USING (nonce) ORDER BY id"
        )
        return [
            Attempt(AttemptId(id_), opened_at_s, case, Mode(mode), _ticket(envelope) if envelope else None)
            for id_, opened_at_s, case, mode, envelope in rows
        ]

    def open_attempt(self, case: str | None, mode: Mode, nonce: bytes | None) -> AttemptId:
        """Write down that an attempt begins, before the first frame is taken; `nonce` names its ticket.

        Raises `StoreFullError`, `TicketUnknownError`, `TicketUsedError`, and `AlreadyRunningError` as `unfinished` does.
        """
        self._be_the_only_one()
        self._require_place()
        self._require_room()
        with transaction(self._connection):
            if nonce is not None:
                self._require_unused(nonce)
            row = (self._now(), case, mode.value, nonce)
            cursor = self._connection.execute("INSERT INTO attempts (opened_at_s, case_id, mode, nonce) VALUES (?, ?, ?, ?)", row)
        return AttemptId(cursor.lastrowid or 0)

    def conclude(self, attempt: AttemptId, make: Callable[[Head], bytes]) -> Queued:
        """Give an open attempt its one result, in one transaction; `make` seals it for the head that it is given.

        A crash before the end leaves the attempt open and the number unused. An aborted attempt does not use up its ticket.
        Raises `AttemptNotOpenError`, `ResultUnfitError`, `StoreFullError`, and whatever `make` raises.
        """
        self._require_place()
        make_once = functools.cache(make)
        queued = self._shedding_ballast(lambda: self._conclude(attempt, make_once))
        self._note.write(Head(queued.sequence + 1, queued.digest))
        return queued

    def head(self) -> Head:
        """Where the next result joins the chain."""
        ((sequence, previous),) = self._rows("SELECT next_sequence, previous_digest FROM meta")
        return Head(sequence, previous)

    def used_share(self) -> float:
        """How full the spool is by its own limit, 0 to 1."""
        used, most = self._pages()
        return float(used / most)

    @property
    def has_ballast(self) -> bool:
        """Whether the space is there that is held back for results."""
        return self._ballast.laid

    # Delivery: lifecert-uplink

    def waiting(self, limit: int, now_s: int) -> list[Queued]:
        """Results without a receipt that are due, oldest first. `now_s` is on the clock of `mark_sent`."""
        rows = self._rows(
            "SELECT sequence, result_id, digest, envelope, tries FROM outbox WHERE next_try_s <= ? ORDER BY sequence LIMIT ?",
            (now_s, limit),
        )
        return [Queued(*row) for row in rows]

    def count_waiting(self) -> int:
        """Results without a receipt, due or not."""
        ((count,),) = self._rows("SELECT count(*) FROM outbox")
        return int(count)

    def mark_sent(self, sent: Sequence[Sent]) -> None:
        """Note which results were sent and when each is due again."""
        if sent:
            with transaction(self._connection):
                self._connection.executemany(
                    "UPDATE outbox SET tries = tries + 1, next_try_s = ? WHERE sequence = ?",
                    [(row.next_try_s, row.sequence) for row in sent],
                )

    def make_all_due(self) -> None:
        """Forget when results are due: for a new connection, and for a clock that began anew with the boot."""
        with transaction(self._connection):
            self._connection.execute("UPDATE outbox SET next_try_s = 0 WHERE next_try_s > 0")

    def accept_receipt(self, receipt: Receipt, sealed: bytes) -> None:
        """Drop the envelope that this verified receipt is about; its digest and the receipt stay. Repeating it changes nothing.

        Raises `ReceiptUnfitError` when result id and digest are not those of one result of this spool.
        """
        self._shedding_ballast(lambda: self._accept(receipt, sealed))

    def data_version(self) -> int:
        """A number that changes when another program has written."""
        self._require_place()
        ((version,),) = self._rows("PRAGMA data_version")
        return int(version)

    # Tickets: written by the uplink, used by the edge

    def put_ticket(self, ticket: Ticket, envelope: bytes) -> bool:
        """Keep a verified ticket; False when it was there already, used or not."""
        row = (ticket.nonce, ticket.case, envelope, ticket.issued_at_s, ticket.not_after_s)
        with transaction(self._connection):
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO tickets (nonce, case_id, envelope, issued_at_s, not_after_s) VALUES (?, ?, ?, ?, ?)", row
            )
            self._connection.execute(_FORGET_TICKETS, (RECEIPTS_KEPT_S,))
        return cursor.rowcount == 1

    def ticket(self, case: str) -> Ticket | None:
        """The newest unused ticket of a case."""
        rows = self._rows(
            "SELECT envelope FROM tickets WHERE case_id = ? AND NOT used ORDER BY issued_at_s DESC, rowid DESC LIMIT 1", (case,)
        )
        return _ticket(rows[0][0]) if rows else None

    def tickets(self) -> list[Ticket]:
        """All unused tickets, in the order of their last moment."""
        rows = self._rows("SELECT envelope FROM tickets WHERE NOT used ORDER BY not_after_s, rowid")
        return [ticket for (envelope,) in rows if (ticket := _ticket(envelope))]

    def count_tickets(self) -> int:
        """Unused tickets."""
        ((count,),) = self._rows("SELECT count(*) FROM tickets WHERE NOT used")
        return int(count)

    def use_ticket(self, nonce: bytes) -> None:
        """Take a ticket out of use; `TicketUnknownError` or `TicketUsedError` when that cannot be."""
        with transaction(self._connection):
            self._require_unused(nonce)
            self._connection.execute("UPDATE tickets SET used = 1 WHERE nonce = ?", (nonce,))

    # Policies: written by the uplink, read by the edge

    def put_policy(self, policy: Policy, envelope: bytes) -> bool:
        """Keep a verified policy, the exact bytes; False when it was there already.

        Raises `PolicyIdReusedError` for other bytes under an id that is kept, and `PolicyOutdatedError` for a version that is
        not newer than the newest of its name (F15).
        """
        with transaction(self._connection):
            return keep_policy(self._connection, policy, envelope)

    def policy(self, policy_id: str) -> KeptPolicy | None:
        """The policy with this id, as it arrived; whoever uses it checks its signature anew."""
        with named_faults():
            return kept_policy(self._connection, policy_id)

    # Inside

    def _conclude(self, attempt: AttemptId, make: Callable[[Head], bytes]) -> Queued:
        with transaction(self._connection):
            nonce = self._nonce_of_open(attempt)
            head = self.head()
            queued, verdict = fitted(make(head), head, nonce)
            row = (queued.sequence, queued.result_id, queued.digest, queued.envelope)
            self._connection.execute("INSERT INTO outbox (sequence, result_id, digest, envelope) VALUES (?, ?, ?, ?)", row)
            self._connection.execute(
                "UPDATE meta SET next_sequence = ?, previous_digest = ?", (queued.sequence + 1, queued.digest)
            )
            self._connection.execute("DELETE FROM attempts WHERE id = ?", (attempt,))
            if verdict is not Verdict.ABORTED:
                self._connection.execute("UPDATE tickets SET used = 1 WHERE nonce = ?", (nonce,))
        return queued

    def _accept(self, receipt: Receipt, sealed: bytes) -> None:
        with transaction(self._connection):
            about = (receipt.result_id, receipt.envelope_sha256)
            kept = self._connection.execute(_KEEP_RECEIPT, (sealed, receipt.issued_at_s, *about)).rowcount
            if not kept and not self._connection.execute(_HAS_RECEIPT, about).fetchone():
                raise ReceiptUnfitError
            self._connection.execute("DELETE FROM outbox WHERE result_id = ? AND digest = ?", about)
            self._connection.execute(_FORGET_RECEIPTS, (RECEIPTS_KEPT_S,))

    def _continue_from_note(self) -> None:
        head = self._note.replaces(self.head())
        if head is None:
            return
        with transaction(self._connection):
            self._connection.execute("UPDATE meta SET next_sequence = ?, previous_digest = ?", (head.sequence, head.previous))
        log.error("the spool lost its newest results; their numbers stay unused", extra={"next_sequence": head.sequence})

    def _nonce_of_open(self, attempt: AttemptId) -> bytes | None:
        found: Sequence[bytes | None] | None = self._connection.execute(
            "SELECT nonce FROM attempts WHERE id = ?", (attempt,)
        ).fetchone()
        if found is None:
            raise AttemptNotOpenError(attempt)
        return found[0]

    def _require_unused(self, nonce: bytes) -> None:
        found = self._connection.execute("SELECT case_id, used FROM tickets WHERE nonce = ?", (nonce,)).fetchone()
        if found is None:
            raise TicketUnknownError
        if found[1]:
            raise TicketUsedError(found[0])

    def _require_place(self) -> None:
        """Never write into a file that another program found damaged and set aside."""
        try:
            moved = self._path.stat().st_ino != self._inode
        except OSError as error:
            raise StoreUnusableError("its file is gone") from error
        if moved:
            raise StoreUnusableError("another program has replaced its file; start this one again")

    def _require_room(self) -> None:
        """Refuse before capture what could not be written after it (F4)."""
        spare_bytes = self._limits.spare_bytes
        if not self._ballast.lay() or self._ballast.free_beside_bytes() < spare_bytes:
            raise StoreFullError("too little space is free on the disk")
        used, most = self._pages()
        if (most - used) * PAGE_BYTES < spare_bytes:
            raise StoreFullError(f"{self.count_waiting()} results wait for delivery")

    def _pages(self) -> tuple[int, int]:
        """Pages that hold something, and the most that there may be."""
        pages, unused, most = (self._rows(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "max_page_count"))
        return pages - unused, most

    def _shedding_ballast(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except StoreFullError:
            if not self._ballast.shed():
                raise
        return work()

    def _be_the_only_one(self) -> None:
        if not self._holds_attempts:
            self._held.enter_context(held_alone(_lock(self._path, "attempts")))
            self._holds_attempts = True

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple]:  # type: ignore[type-arg] # columns as SQLite has them
        with named_faults():
            return self._connection.execute(query, values).fetchall()


_KEEP_RECEIPT = """
INSERT INTO receipts (sequence, result_id, digest, sealed, issued_at_s)
SELECT sequence, result_id, digest, ?, ? FROM outbox WHERE result_id = ? AND digest = ?
"""
_HAS_RECEIPT = "SELECT 1 FROM receipts WHERE result_id = ? AND digest = ?"
_FORGET_RECEIPTS = "DELETE FROM receipts WHERE issued_at_s < (SELECT max(issued_at_s) FROM receipts) - ?"
_FORGET_TICKETS = """
DELETE FROM tickets WHERE not_after_s < (SELECT max(issued_at_s) FROM tickets) - ?
AND nonce NOT IN (SELECT nonce FROM attempts WHERE nonce IS NOT NULL)
"""


def _ticket(envelope: bytes) -> Ticket | None:
    try:
        return read_ticket(unverified_payload(envelope, Kind.TICKET))
    except WireError as error:
        log.error("a ticket in the spool is damaged; the centre sends it again when asked", extra={"why": str(error)})
        return None
