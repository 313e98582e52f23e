"""Commands become light, screen and voice: what the unit shows and says, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping

from edge.flow import ActionKind, Decision
from edge.prompts.catalogue import Catalogue, ScreenCode
from firmware.board import Board
from firmware.frame import Light
from firmware.ports import LedPattern
from wire.reasons import Reason
from wire.result import Verdict

FACE_LIGHT = Light.parse("V", 60)
"""The lamp while a visitor is in front of the unit."""

_ASK: Mapping[ActionKind, ScreenCode] = {
    ActionKind.BLINK: ScreenCode.ASK_BLINK,
    ActionKind.OPEN_MOUTH: ScreenCode.ASK_OPEN_MOUTH,
}


class Performer:
    """The unit's face to the visitor. Screen and voice always say the same."""

    def __init__(self, board: Board, catalogue: Catalogue) -> None:
        self._board, self._catalogue = board, catalogue

    def ready(self) -> None:
        """Nobody is being served."""
        self._tell(LedPattern.IDLE, ScreenCode.READY)

    def look_here(self) -> None:
        """The visitor should face the unit."""
        self._tell(LedPattern.LOOK_HERE, ScreenCode.LOOK_HERE)

    def hold_still(self) -> None:
        """The face is good; evidence is gathered."""
        self._tell(LedPattern.HOLD_STILL, ScreenCode.HOLD_STILL_PLEASE)

    def ask(self, action: ActionKind) -> None:
        """Ask for one action."""
        self._tell(LedPattern.DO_ACTION, _ASK[action])

    def guide(self, reason: Reason) -> None:
        """Name what is wrong and what helps."""
        self._tell(LedPattern.LOOK_HERE, reason)

    def out_of_order(self) -> None:
        """The unit cannot serve anyone."""
        self._tell(LedPattern.FAULT, ScreenCode.OUT_OF_ORDER)

    def result(self, decision: Decision) -> None:
        """Show how the attempt ended: the first reason, never a score."""
        match decision.verdict:
            case Verdict.ACCEPTED:
                self._tell(LedPattern.DONE, ScreenCode.DONE)
            case Verdict.ABORTED:
                self._tell(LedPattern.FAULT, decision.reasons[0])
            case _:
                self._tell(LedPattern.REFUSED, decision.reasons[0])

    def light_on(self) -> None:
        """Light the visitor's face."""
        self._board.illuminator.shine(FACE_LIGHT)

    def light_off(self) -> None:
        """Go dark."""
        self._board.illuminator.off()

    def _tell(self, pattern: LedPattern, code: ScreenCode | Reason) -> None:
        view = self._catalogue.view(code)
        self._board.led.show(pattern)
        self._board.screen.show(view)
        self._board.speaker.say(" ".join(filter(None, (view.title, view.remedy))), view.language)
