"""An enrolled unit that serves visits: it holds keys, clock, spool and networks, and turns a ticket into one signed result."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge.attempt import UNHURRIED, Attempt, BoardLoad
from edge.clock import UnitClock
from edge.conclude import Judgement, Occasion, Origin, judge, sealed, without_capture
from edge.consent import ConsentDesk
from edge.engine import Engine
from edge.errors import EdgeError, EmbeddingInvalidError, ReferenceUnusableError, TicketExpiredError
from edge.health.emitter_memory import LampMemory
from edge.heat import HeatLadder, HeatWatch
from edge.identity import SigningIdentity
from edge.lens_memory import LensMemory
from edge.likeness import read_standards
from edge.mirror import mirrored
from edge.next_steps import Ended
from edge.perform import Performer
from edge.policy import named_policy, require_cues, rules_as_shipped, rules_under
from edge.prompts.catalogue import Catalogue
from edge.pulse import Pulse, unwatched
from edge.reception import Reception, interruptions
from edge.reference import Portrait, read_named_photos
from edge.rules import Rules, rules_for
from edge.session.challenge import challenge_of
from edge.spool.rows import Attempt as OpenAttempt
from edge.spool.rows import Head, Queued
from edge.spool.spool import Spool
from edge.stages.lens_watch import LensLook
from firmware.board import Board
from models.errors import ModelError
from wire.reasons import Reason
from wire.reference import ReferenceClass
from wire.result import Consent, Verdict, Visit
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
    """Everything a visit needs. One thread; `cpu_ns` tells its CPU time, without that of a camera's own thread."""

    identity: SigningIdentity
    clock: UnitClock
    spool: Spool
    engine: Engine
    origin: Origin
    catalogue: Catalogue
    cpu_ns: Callable[[], int]
    lens: LensMemory
    reception: Reception
    heat: HeatLadder = field(default_factory=HeatLadder)
    pulse: Pulse = field(default_factory=unwatched)
    """Gets its beats from the frames of a visit, and between two writings, each of which a slow disk may take seconds for."""
    lamps: LampMemory | None = None
    """What visits tell of the lamps is kept here; None keeps nothing."""
    interrupted: bool = False
    """Whether the last start found a visit that had been cut off."""

    def report_interrupted(self) -> tuple[Queued, ...]:
        """Sign an aborted result for every attempt that a power cut left open; nothing stays unsaid (threat 29, F2)."""
        reported = []
        for attempt in self.spool.unfinished():
            judgement = without_capture(Verdict.ABORTED, Reason.INTERRUPTED)
            reported.append(self._conclude(attempt, judgement))
            log.warning("interrupted attempt reported", extra={"sequence": reported[-1].sequence})
        return tuple(reported)

    def visit(self, ticket: Ticket, photos: Sequence[Path], board: Board, opened: Callable[[], None]) -> VisitReport:
        """Serve the visit of a ticket and queue its result; `opened` is called once the attempt is written down.

        Raises `VisitLockedError`, `TicketExpiredError`, `PolicyUnfitError`, `ReferenceMismatchError`, `ReferenceMissingError` and
        the errors of picture and spool before the attempt begins; after that every visit leaves exactly one result.
        """
        performer = self.reception.performer(board, self.catalogue)
        try:
            rules, portraits, attempt = self._opened(ticket, photos, board)
        except EdgeError as error:
            self.reception.tell_refusal(performer, error)
            raise
        self.pulse.beat()
        opened()
        consent = self.reception.consent_desk(
            board, performer, self.engine.rules.times.consent_ms, self.clock.now_s, self.pulse.beat
        )
        judgement, cpu_ms = self._capture(ticket, portraits, rules, board, consent)
        queued = self._conclude(attempt, judgement, consent.given)
        self._tell(performer, ticket, judgement, queued)
        if judgement.decision.verdict is Verdict.ATTACK:
            log.warning("attack reported", extra={"sequence": queued.sequence})
        return VisitReport(ticket.case, judgement, queued, cpu_ms / max(1, judgement.frames))

    def _opened(
        self, ticket: Ticket, photos: Sequence[Path], board: Board
    ) -> tuple[Mapping[ReferenceClass, Rules], Sequence[Portrait], OpenAttempt]:
        """All that may refuse a visit comes before its attempt is written down; from then on the try counts."""
        now_s = self.clock.now_s()
        if now_s > ticket.not_after_s:
            raise TicketExpiredError(ticket.case)
        self.reception.require_unlocked(ticket, now_s)
        rules = self._rules(ticket, board.strobe.lamps)
        portraits = read_named_photos(photos, ticket)
        number = self.spool.open_attempt(ticket.case, ticket.mode, ticket.nonce)
        self.reception.tries.begin(ticket.subject, now_s)
        return rules, portraits, OpenAttempt(number, self.clock.now_s(), ticket.case, ticket.mode, ticket)

    def _tell(self, performer: Performer, ticket: Ticket, judgement: Judgement, queued: Queued) -> None:
        """Nothing that goes wrong with a screen takes back what is signed."""
        self.pulse.beat()
        now_s = self.clock.now_s()
        tries = self.reception.tries.end(ticket.subject, judgement.decision, now_s)
        online = self.spool.count_waiting() <= 1  # Where there is a network, the results before this one are gone.
        self.reception.tell_result(performer, Ended(judgement.decision, queued.sequence, tries, now_s, online))

    def _rules(self, ticket: Ticket, lamps: str) -> Mapping[ReferenceClass, Rules]:
        """The rules for each class of reference that the ticket names; `PolicyUnfitError` when one of them has none, or when a
        cue would be missing."""
        shipped, classes = self.engine.rules, {reference.reference_class for reference in ticket.references}
        if ticket.policy == shipped.policy:
            require_cues(ticket, frozenset(), lamps)
            return {each: rules_as_shipped(each, shipped) for each in classes}
        kept = self.spool.policy(ticket.policy)
        policy = named_policy(ticket, kept, self.identity.centre_keys, self.clock.now_s())
        require_cues(ticket, policy.required_cues, lamps)
        return {each: rules_under(policy, self.engine.embedder.identity, each, shipped) for each in classes}

    def _capture(
        self,
        ticket: Ticket,
        portraits: Sequence[Portrait],
        rules: Mapping[ReferenceClass, Rules],
        board: Board,
        consent: ConsentDesk,
    ) -> tuple[Judgement, float]:
        try:
            standards = read_standards(portraits, rules, self.engine.eyes)
        except ReferenceUnusableError as error:
            log.warning("reference unusable", extra={"what": error.what})
            return without_capture(Verdict.REFUSED, Reason.REFERENCE_UNUSABLE), 0.0
        except (ModelError, EmbeddingInvalidError) as error:
            log.error("reference not embedded", extra={"error": type(error).__name__})
            return without_capture(Verdict.ABORTED, Reason.MATCHER_UNAVAILABLE), 0.0
        challenge = challenge_of(ticket.nonce, ticket.mode, board.strobe.lamps, board.strobe.symbol_ns)
        substitution = any(each.substitution for each in rules.values())  # one policy: all say the same
        judging = replace(rules_for(self.engine.rules, ticket.mode), substitution=substitution)
        pipeline, performer = self.engine.pipeline(challenge.code), consent.performer
        attempt = Attempt(pipeline, judging, challenge, performer, self.cpu_ns, self._load(board), consent)
        look = LensLook()
        watched = self.pulse.watching(look.passing(board.camera.frames()))
        with closing(watched):
            ending = attempt.run(mirrored(watched, board.mirror), lambda: interruptions(board, performer))
        self.pulse.beat()
        smudge = self.lens.keep(look.best)
        if smudge:
            log.warning("lens dirty", extra={"x_share": smudge.x_share, "y_share": smudge.y_share, "cells": smudge.cells})
        if self.lamps:
            self.lamps.keep(pipeline.lamp_strengths)
        return judge(ending, standards, self.engine.embedder, judging), ending.cpu_ms

    def _load(self, board: Board) -> BoardLoad:
        """What adapts the visit. A recording waits however long a frame takes, so only a script can hurry it."""
        spent_ns = self.cpu_ns if board.live else UNHURRIED.spent_ns
        return BoardLoad(spent_ns, HeatWatch(self.heat, board.thermometer, board.clock.now_ns).heat)

    def _conclude(self, attempt: OpenAttempt, judgement: Judgement, consent: Consent | None = None) -> Queued:
        self.pulse.beat()
        occasion = Occasion(secrets.token_bytes(16), self.clock.read(), _visit(attempt.ticket), attempt.mode, consent)

        def make(head: Head) -> bytes:
            return sealed(judgement, self.origin, occasion, head, self.identity.signer)

        return self.spool.conclude(attempt.id, make)


def _visit(ticket: Ticket | None) -> Visit | None:
    return Visit(ticket.case, ticket.subject, ticket.nonce, ticket.policy) if ticket else None
