"""Commands become light, screen and voice: what the unit shows and says, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping

from edge.flow import ActionKind, Decision
from edge.prompts.catalogue import Catalogue, ScreenCode
from edge.prompts.spoken import calling_staff, spoken_text
from edge.session.light_code import LightCode
from firmware.board import Board
from firmware.frame import DARK, Emitter, Light
from firmware.ports import LedPattern, Tune, View
from wire.reasons import Reason
from wire.result import Verdict

FACE_LIGHT = Light.parse("V", 60)
"""The lamp while a visitor is in front of the unit."""
CODE_DUTY_PERCENT = 60
"""Of all lamps while the code runs, the white one included: a frame has one duty."""

_ASK: Mapping[ActionKind, ScreenCode] = {
    ActionKind.BLINK: ScreenCode.ASK_BLINK,
    ActionKind.OPEN_MOUTH: ScreenCode.ASK_OPEN_MOUTH,
    ActionKind.NOD: ScreenCode.ASK_NOD,
    ActionKind.TURN_LEFT: ScreenCode.ASK_TURN_LEFT,
    ActionKind.TURN_RIGHT: ScreenCode.ASK_TURN_RIGHT,
    ActionKind.LOOK_UP: ScreenCode.ASK_LOOK_UP,
}

_TUNES: Mapping[LedPattern, Tune] = {
    LedPattern.DONE: Tune.DONE,
    LedPattern.REFUSED: Tune.REFUSED,
    LedPattern.FAULT: Tune.FAULT,
}
"""Only an ending sounds: while somebody is guided, a buzzer would only frighten."""


class Performer:
    """The unit's face to the visitor. Screen and voice always say the same, LED and buzzer never anything else."""

    def __init__(self, board: Board, catalogue: Catalogue) -> None:
        self._board, self._catalogue = board, catalogue

    def ready(self) -> None:
        """Nobody is being served."""
        self._tell(LedPattern.IDLE, ScreenCode.READY)

    def offline(self) -> None:
        """Nobody is being served, and results wait for the network."""
        self._tell(LedPattern.NO_NETWORK, Reason.NET_DEGRADED)

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

    def call_staff(self, reason: Reason) -> None:
        """Name what is wrong and who helps."""
        self._show(LedPattern.LOOK_HERE, calling_staff(self._catalogue, reason))

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
        """Light the visitor's face: by the white lamp, and by all lamps of a unit that has no white one."""
        lamps = self._board.strobe.lamps
        white = FACE_LIGHT.word in lamps or not lamps
        self._board.illuminator.shine(FACE_LIGHT if white else Light.parse(lamps, FACE_LIGHT.duty_percent))

    def light_code(self, word: str, lamps: str) -> None:
        """Light what the code asks for, out of these lamps; a white lamp that is fitted and takes no part stays on."""
        steady = FACE_LIGHT.word if FACE_LIGHT.word not in lamps and FACE_LIGHT.word in self._board.strobe.lamps else ""
        lit = {*word, *steady}
        both = "".join(emitter for emitter in Emitter if emitter in lit)
        self._board.illuminator.shine(Light.parse(both, CODE_DUTY_PERCENT) if both else DARK)

    def light_off(self) -> None:
        """Go dark."""
        self._board.illuminator.off()

    def _tell(self, pattern: LedPattern, code: ScreenCode | Reason) -> None:
        self._show(pattern, self._catalogue.view(code))

    def _show(self, pattern: LedPattern, view: View) -> None:
        self._board.led.show(pattern)
        self._board.screen.show(view)
        if pattern in _TUNES:
            self._board.buzzer.play(_TUNES[pattern])
        self._board.speaker.say(spoken_text(view), view.language)


class LightPlayer:
    """Makes the lamps follow the code of the visit, frame by frame; without a code they shine steadily."""

    def __init__(self, code: LightCode | None, performer: Performer) -> None:
        self._code, self._performer = code, performer
        self._running = False
        self._began_ns: int | None = None
        self._word = ""

    def begin(self) -> None:
        """From the next frame on, follow the code from its start."""
        self._running, self._began_ns, self._word = self._code is not None, None, ""

    def play(self, captured_ns: int) -> None:
        """Light what is due after the frame that was captured at this time."""
        if not self._running or self._code is None:
            return
        if self._began_ns is None:
            self._began_ns = captured_ns
        word = self._code.word_at(captured_ns - self._began_ns)
        if word != self._word:
            self._word = word
            self._performer.light_code(word, self._code.lamps)

    def steady(self) -> None:
        """Light the face and leave it so."""
        self._running = False
        self._performer.light_on()

    def stop(self) -> None:
        """Go dark."""
        self._running = False
        self._performer.light_off()
