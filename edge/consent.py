"""Asks the visitor whether they agree, before any frame is looked at (R62). Nobody agrees by silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edge.perform import Performer
from edge.prompts.catalogue import Catalogue, ChoiceCode
from edge.session.states import Event
from firmware.board import Board
from wire.result import Consent, ConsentGiven

POLL_S = 0.05


class ConsentSetting(StrEnum):
    """How a unit comes to the consent of its visitors."""

    ASK = "ask"
    """Each visitor is asked by the unit, and agrees by a touch or the button."""
    WITNESS = "witness"
    """The worker who brought the ticket has asked, and stands for it: for units that can neither be touched nor pressed."""


class Consenting(Protocol):
    """What an attempt does before it looks."""

    def ask(self) -> None:
        """Put the question."""
        ...

    def answer(self) -> Event:
        """Wait for the answer: AGREED or DECLINED."""
        ...


class Unasked:
    """For recordings, measurements and the developer's own face: nobody is asked, and no result says that somebody agreed."""

    def ask(self) -> None:
        """Nobody is asked."""

    def answer(self) -> Event:
        """The attempt goes on."""
        return Event.AGREED


UNASKED = Unasked()


@dataclass(slots=True)
class ConsentDesk:
    """Comes to the consent of one visitor, and remembers what they agreed to."""

    setting: ConsentSetting
    board: Board
    performer: Performer
    who_asks: Callable[[Catalogue], tuple[str, ...]]
    """Says who asks for what, in the language it is given."""
    wait_ns: int
    """How long the question stands; then nobody agreed."""
    now_s: Callable[[], int]
    """Unix time of the unit's clock, never below its floor."""
    pause: Callable[[float], None]
    """Waits so many seconds."""
    given: Consent | None = None

    def ask(self) -> None:
        """Put the question on the screen, unless a worker has put it already."""
        if self.setting is ConsentSetting.ASK:
            tuple(self.board.button.presses())  # A press from before the question is no answer to it,
            tuple(self.board.touches.taken())  # nor is a touch.
            self.performer.ask_consent(self.board.clock.now_ns() + self.wait_ns, self.who_asks)

    def answer(self) -> Event:
        """AGREED once the visitor touches or presses, DECLINED when they say no or the time is over."""
        if self.setting is ConsentSetting.WITNESS:
            return self._agreed(ConsentGiven.WITNESS)
        until_ns = self.board.clock.now_ns() + self.wait_ns
        while self.board.clock.now_ns() < until_ns:
            if tuple(self.board.button.presses()):
                return self._agreed(ConsentGiven.BUTTON)
            for choice in self.board.touches.taken():
                match choice:
                    case ChoiceCode.AGREE:
                        return self._agreed(ConsentGiven.TOUCH)
                    case ChoiceCode.DECLINE | ChoiceCode.CANCEL:
                        return Event.DECLINED
                    case _:
                        self.performer.heed(choice)
            self.pause(POLL_S)
        return Event.DECLINED

    def _agreed(self, how: ConsentGiven) -> Event:
        catalogue = self.performer.catalogue
        self.given = Consent(catalogue.consent_id, catalogue.language, how, self.now_s())
        return Event.AGREED
