"""Commands become light, screen and voice: what the unit shows and says, in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from edge.flow import ActionKind, Decision
from edge.prompts.catalogue import LANGUAGE_CHOICE, Catalogue, ChoiceCode, ScreenCode, other_languages
from edge.prompts.spoken import calling_staff, spoken_text
from edge.session.light_code import LightCode
from firmware.board import Board
from firmware.frame import DARK, Emitter, Light
from firmware.ports import Choice, LedPattern, Mood, Tune, View
from wire.reasons import Category, Reason
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


PROGRESS_STEP = 0.02
"""Less is not worth telling a screen."""


class Performer:
    """The unit's face to the visitor. Screen and voice always say the same, LED and buzzer never anything else."""

    def __init__(self, board: Board, catalogue: Catalogue, others: Mapping[str, Catalogue] | None = None) -> None:
        """`others` are the catalogues of the languages, by tag, that a visitor may switch to; without any, none is offered."""
        self._board, self._catalogue, self._others = board, catalogue, others or {}
        self._standing: tuple[LedPattern, Callable[[Catalogue], View]] | None = None
        """What is shown now, to be said again in another language."""
        self._standing_code = ""
        self._done = 0.0

    @property
    def catalogue(self) -> Catalogue:
        """The words of the language that is spoken now."""
        return self._catalogue

    def heed(self, choice: str) -> None:
        """Switch the language when that was touched; anything else is not for here."""
        tag = choice.removeprefix(LANGUAGE_CHOICE)
        if tag == choice or tag not in self._others or tag == self._catalogue.language:
            return
        self._catalogue = self._others[tag]
        if self._standing:
            self._tell(*self._standing)

    def progress(self, done: float) -> None:
        """How much of the visit is done, 0 to 1; it never goes back but to the start."""
        if done >= self._done + PROGRESS_STEP or done < PROGRESS_STEP <= self._done:
            self._done = done
            self._board.screen.progress(done)

    def ready(self, notices: Callable[[Catalogue], tuple[str, ...]] = lambda _: ()) -> None:
        """Nobody is being served; the notices are what may be read meanwhile."""
        self._tell(LedPattern.IDLE, lambda words: replace(words.view(ScreenCode.READY), lines=notices(words)))

    def ask_consent(self, until_ns: int, who_asks: Callable[[Catalogue], tuple[str, ...]] = lambda _: ()) -> None:
        """Ask whether the visitor agrees, until this time of the unit's monotonic clock; first it says who asks for what."""

        def view(words: Catalogue) -> View:
            plain, choices = words.view(ScreenCode.CONSENT), (words.choice(ChoiceCode.AGREE), words.choice(ChoiceCode.DECLINE))
            return replace(plain, lines=(*who_asks(words), *plain.lines), choices=choices, until_ns=until_ns)

        self._tell(LedPattern.LOOK_HERE, view)

    def look_here(self) -> None:
        """The visitor should face the unit."""
        self._tell_of_visit(LedPattern.LOOK_HERE, ScreenCode.LOOK_HERE)

    def hold_still(self) -> None:
        """The face is good; evidence is gathered."""
        self._tell_of_visit(LedPattern.HOLD_STILL, ScreenCode.HOLD_STILL_PLEASE)

    def only_a_moment(self) -> None:
        """The face is good, and an action is asked for in a moment: more words would only be cut off by that."""
        if self._standing_code != ScreenCode.LOOK_HERE:
            self.look_here()

    def ask(self, action: ActionKind, within_ns: int) -> None:
        """Ask for one action, and show how long there is time for it."""
        until_ns = self._board.clock.now_ns() + within_ns
        self._tell(
            LedPattern.DO_ACTION, lambda words: replace(self._of_visit(words, words.view(_ASK[action])), until_ns=until_ns)
        )

    def guide(self, reason: Reason) -> None:
        """Name what is wrong and what helps."""
        self._tell_of_visit(LedPattern.LOOK_HERE, reason)

    def call_staff(self, reason: Reason) -> None:
        """Name what is wrong and who helps."""
        self._tell(LedPattern.LOOK_HERE, lambda words: self._of_visit(words, calling_staff(words, reason)))

    def out_of_order(self) -> None:
        """The unit cannot serve anyone."""
        self._tell(LedPattern.FAULT, lambda words: words.view(ScreenCode.OUT_OF_ORDER))

    def result(self, decision: Decision, steps: Callable[[Catalogue], tuple[str, ...]] = lambda _: ()) -> None:
        """Show how the attempt ended, the first reason and never a score, and what the visitor can do next."""
        if decision.verdict is Verdict.ACCEPTED:
            self._tell(LedPattern.DONE, lambda words: replace(words.view(ScreenCode.DONE), lines=steps(words)))
        else:
            self.refusal(decision.reasons[0], steps)

    def refusal(self, reason: Reason, steps: Callable[[Catalogue], tuple[str, ...]] = lambda _: ()) -> None:
        """Show why nothing came of it: a fault where the unit itself is the reason, else no fault of anybody."""
        fault = reason.category is Category.EQUIPMENT or reason in (Reason.KEY_UNAVAILABLE, Reason.INTERRUPTED)
        pattern, mood = (LedPattern.FAULT, Mood.FAULT) if fault else (LedPattern.REFUSED, Mood.REFUSED)
        self._tell(pattern, lambda words: replace(words.view(reason), mood=mood, lines=steps(words)))

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

    def _tell_of_visit(self, pattern: LedPattern, code: ScreenCode | Reason) -> None:
        self._tell(pattern, lambda words: self._of_visit(words, words.view(code)))

    def _of_visit(self, words: Catalogue, view: View) -> View:
        """While a visit goes on it can be stopped."""
        return replace(view, choices=(words.choice(ChoiceCode.CANCEL),))

    def _tell(self, pattern: LedPattern, view_in: Callable[[Catalogue], View]) -> None:
        view = view_in(self._catalogue)
        self._standing, self._standing_code = (pattern, view_in), view.code
        shown = replace(view, choices=(*view.choices, *self._languages))
        self._board.led.show(pattern)
        self._board.screen.show(shown)
        if pattern in _TUNES:
            self._board.buzzer.play(_TUNES[pattern])
        self._board.speaker.say(spoken_text(shown), shown.language)

    @property
    def _languages(self) -> tuple[Choice, ...]:
        """The languages to switch to, each by its own name."""
        return other_languages(self._catalogue.language) if self._others else ()


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
