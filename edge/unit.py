"""An enrolled unit that serves visits: it holds keys, clock, spool and networks, and turns a ticket into one signed result."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from edge.attempt import Attempt
from edge.clock import UnitClock
from edge.conclude import Judgement, Occasion, Origin, judge, sealed, without_capture
from edge.engine import Engine
from edge.errors import EmbeddingInvalidError, PolicyUnknownError, ReferenceUnusableError, TicketExpiredError
from edge.identity import SigningIdentity
from edge.imaging import Pixels
from edge.perform import Performer
from edge.prompts.catalogue import Catalogue
from edge.reference import Eyes, embed_only_face, read_named_photo
from edge.session.challenge import asked_action
from edge.session.states import Event
from edge.spool.rows import Attempt as OpenAttempt
from edge.spool.rows import Head, Queued
from edge.spool.spool import Spool
from firmware.board import Board
from models.errors import ModelError
from wire.reasons import Reason
from wire.result import Mode, Verdict, Visit
from wire.ticket import Ticket

log = logging.getLogger("lifecert.unit")


@dataclass(frozen=True, slots=True)
class VisitReport:
    """How one visit ended, for whoever stands beside the unit. Scores stay in the signed result."""

    case: str
    judgement: Judgement
    queued: Queued
    cpu_ms_per_frame: float


@dataclass(frozen=True, slots=True)
class Unit:
    """Everything a visit needs. One thread; `cpu_ns` tells the CPU time of this process."""

    identity: SigningIdentity
    clock: UnitClock
    spool: Spool
    engine: Engine
    origin: Origin
    catalogue: Catalogue
    cpu_ns: Callable[[], int]

    def report_interrupted(self) -> tuple[Queued, ...]:
        """Sign an aborted result for every attempt that a power cut left open; nothing stays unsaid (threat 29, F2)."""
        reported = []
        for attempt in self.spool.unfinished():
            judgement = without_capture(Verdict.ABORTED, Reason.INTERRUPTED)
            reported.append(self._conclude(attempt, judgement))
            log.warning("interrupted attempt reported", extra={"sequence": reported[-1].sequence})
        return tuple(reported)

    def visit(self, ticket: Ticket, photo: Path, board: Board, opened: Callable[[], None]) -> VisitReport:
        """Serve the visit of a ticket and queue its result; `opened` is called once the attempt is written down.

        Raises `TicketExpiredError`, `PolicyUnknownError`, `ReferenceMismatchError`, and the errors of picture and spool, before
        the attempt begins; after that every visit leaves exactly one result.
        """
        if self.clock.now_s() > ticket.not_after_s:
            raise TicketExpiredError(ticket.case)
        if ticket.policy != self.engine.rules.policy:
            raise PolicyUnknownError(ticket.policy)
        pixels = read_named_photo(photo, ticket.references[0].sha256)
        attempt = OpenAttempt(
            self.spool.open_attempt(ticket.case, ticket.mode, ticket.nonce),
            self.clock.now_s(),
            ticket.case,
            ticket.mode,
            ticket,
        )
        opened()
        performer = Performer(board, self.catalogue)
        judgement, cpu_ms = self._capture(ticket, pixels, board, performer)
        queued = self._conclude(attempt, judgement)
        performer.result(judgement.decision)
        return VisitReport(ticket.case, judgement, queued, cpu_ms / max(1, judgement.frames))

    def _capture(self, ticket: Ticket, photo: Pixels, board: Board, performer: Performer) -> tuple[Judgement, float]:
        try:
            reference = embed_only_face(photo, Eyes(self.engine.detector, self.engine.aligner, self.engine.embedder))
        except ReferenceUnusableError as error:
            log.warning("reference unusable", extra={"what": error.what})
            return without_capture(Verdict.REFUSED, Reason.REFERENCE_UNUSABLE), 0.0
        except (ModelError, EmbeddingInvalidError) as error:
            log.error("reference not embedded", extra={"error": type(error).__name__})
            return without_capture(Verdict.ABORTED, Reason.MATCHER_UNAVAILABLE), 0.0
        asked = asked_action(ticket.nonce) if ticket.mode is Mode.ACTIVE else None
        attempt = Attempt(self.engine.pipeline(), self.engine.rules, asked, performer, self.cpu_ns)
        ending = attempt.run(board.camera.frames(), lambda: _cancelled(board))
        return judge(ending, reference, self.engine.embedder, self.engine.rules), ending.cpu_ms

    def _conclude(self, attempt: OpenAttempt, judgement: Judgement) -> Queued:
        occasion = Occasion(secrets.token_bytes(16), self.clock.read(), _visit(attempt.ticket), attempt.mode)

        def make(head: Head) -> bytes:
            return sealed(judgement, self.origin, occasion, head, self.identity.signer)

        return self.spool.conclude(attempt.id, make)


def _visit(ticket: Ticket | None) -> Visit | None:
    return Visit(ticket.case, ticket.subject, ticket.nonce, ticket.policy) if ticket else None


def _cancelled(board: Board) -> Iterable[Event]:
    """The button cancels."""
    return (Event.CANCELLED,) if tuple(board.button.presses()) else ()
