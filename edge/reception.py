"""How a unit meets its visitors: in which languages, by which consent, with which words about what comes next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from edge.consent import ConsentDesk, ConsentSetting
from edge.errors import (
    PolicyUnfitError,
    ReferenceMissingError,
    StoreFullError,
    TicketExpiredError,
    TicketUsedError,
    VisitLockedError,
)
from edge.next_steps import Ended, asked_by, notices, steps_after, steps_when_locked, steps_without_visit
from edge.perform import Performer
from edge.prompts.catalogue import Catalogue, ChoiceCode
from edge.session.states import Event
from edge.sheet import Sheet
from edge.tries import TriesMemory
from firmware.board import Board
from wire.reasons import Reason
from wire.ticket import Ticket

UNTOLD = Reason.LIVENESS_UNAVAILABLE
"""What is said of an error that no visitor can do anything about: this unit cannot check, another one or the counter can."""
_REASONS: Mapping[type[Exception], Reason] = {
    TicketExpiredError: Reason.TICKET_EXPIRED,
    TicketUsedError: Reason.TICKET_USED,
    ReferenceMissingError: Reason.REFERENCE_MISSING,
    StoreFullError: Reason.STORE_FULL,
    PolicyUnfitError: UNTOLD,
}


@dataclass(frozen=True, slots=True)
class Reception:
    """What a unit needs beside its judgement to serve a person."""

    tries: TriesMemory
    consent: ConsentSetting = ConsentSetting.ASK
    sheet: Sheet = field(default_factory=Sheet)
    others: Mapping[str, Catalogue] = field(default_factory=dict)
    """Catalogues of all languages that a visitor may switch to, by tag."""
    pause: Callable[[float], None] = time.sleep

    def performer(self, board: Board, catalogue: Catalogue) -> Performer:
        """What speaks to one visitor, in the unit's own language at first."""
        return Performer(board, catalogue, self.others)

    def consent_desk(
        self, board: Board, performer: Performer, wait_ms: int, now_s: Callable[[], int], beat: Callable[[], None]
    ) -> ConsentDesk:
        """Where one visitor agrees, or does not; `beat` is called while it waits."""

        def who_asks(words: Catalogue) -> tuple[str, ...]:
            return asked_by(self.sheet, words)

        def pause(seconds: float) -> None:
            beat()
            self.pause(seconds)

        return ConsentDesk(self.consent, board, performer, who_asks, wait_ms * 1_000_000, now_s, pause)

    def require_unlocked(self, ticket: Ticket, now_s: int) -> None:
        """Raises `VisitLockedError` while somebody has to wait after too many failures (R41)."""
        until_s = self.tries.of(ticket.subject, now_s).locked_until_s(self.sheet.lock_after)
        if until_s > now_s:
            raise VisitLockedError(ticket.case, until_s)

    def tell_result(self, performer: Performer, ended: Ended) -> None:
        """How it ended, and what the visitor can do next."""
        performer.result(ended.decision, lambda words: steps_after(ended, self.sheet, words))

    def tell_refusal(self, performer: Performer, error: Exception) -> None:
        """Why there is no visit at all, and what the visitor can do next."""
        if isinstance(error, VisitLockedError):
            performer.refusal(Reason.LOCKED, lambda words: steps_when_locked(error.until_s, self.sheet, words))
            return
        reason = next((each for kind, each in _REASONS.items() if isinstance(error, kind)), UNTOLD)
        performer.refusal(reason, lambda words: steps_without_visit(self.sheet, words))

    def elsewhere(self, words: Catalogue) -> tuple[str, ...]:
        """Where to go while this unit serves nobody."""
        return steps_without_visit(self.sheet, words)

    def notices(self, words: Catalogue) -> tuple[str, ...]:
        """What may be read while nobody is served."""
        return notices(self.sheet, words)


def interruptions(board: Board, performer: Performer) -> Iterable[Event]:
    """What a visitor does with their hands during a visit: the button and one choice stop it, others change the language."""
    stopped = bool(tuple(board.button.presses()))
    for choice in board.touches.taken():
        stopped = stopped or choice == ChoiceCode.CANCEL
        performer.heed(choice)
    return (Event.CANCELLED,) if stopped else ()
