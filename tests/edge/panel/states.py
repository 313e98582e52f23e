"""Every state of the screen page in both languages, as the unit's own performer shows it. Nobody's face or name is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.flow import ActionKind, Decision
from edge.next_steps import Ended, asked_by, notices, steps_after, steps_when_locked, steps_without_visit
from edge.perform import Performer
from edge.prompts.catalogue import ScreenCode, load_catalogue
from edge.sheet import read_sheet
from edge.tries import Tries
from firmware.clock import SystemClock
from firmware.ports import Mood, View
from firmware.twin.parts import Recorder, RecordingScreen
from tests.edge.test_consent import SettableClock
from tests.edge.test_sheet import example
from tests.fakes.parts import ScriptedCamera, twin_board
from wire.reasons import Reason
from wire.result import Verdict

LANGUAGES = ("zh-CN", "en")
CATALOGUES = {language: load_catalogue(language) for language in LANGUAGES}
SHEET = read_sheet("example", example())
_NOON_S = 1_795_665_600
"""2026-11-26, 12:00 in China."""
_QUESTION_NS, _ACTION_NS = 60_000_000_000, 12_000_000_000

Tell = Callable[[Performer, int], None]
"""What a performer is told to do for a state, and what time it is, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class State:
    """One state: what shows it, and how much of the visit is done."""

    name: str
    tell: Tell | ScreenCode
    """A screenful alone where the unit is busy with itself, and nobody can touch anything."""
    done: float | None = None
    mirror: bool = False

    @property
    def mood(self) -> Mood:
        """What it is about, in any language."""
        return self.view("en", 0).mood

    def view(self, language: str, now_ns: int) -> View:
        """The view as `lifecert-edge` would send it now."""
        if isinstance(self.tell, ScreenCode):
            return CATALOGUES[language].view(self.tell)
        screen, clock = RecordingScreen(Recorder(SystemClock())), SettableClock()
        clock.at_ns = now_ns
        board = replace(twin_board(ScriptedCamera(lambda: iter(()))), screen=screen, clock=clock)
        self.tell(Performer(board, CATALOGUES[language], CATALOGUES), now_ns)
        assert screen.view is not None
        return screen.view


def _action(name: str, kind: ActionKind) -> State:
    return State(name, lambda performer, _: performer.ask(kind, _ACTION_NS), done=0.6, mirror=True)


def _guide(name: str, reason: Reason) -> State:
    return State(name, lambda performer, _: performer.guide(reason), done=0.3, mirror=True)


def _ending(name: str, verdict: Verdict, *reasons: Reason, failures: int = 0, online: bool = True) -> State:
    ended = Ended(Decision(verdict, reasons), 41, Tries(failures, _NOON_S), _NOON_S, online)
    return State(name, lambda performer, _: performer.result(ended.decision, lambda words: steps_after(ended, SHEET, words)))


STATES: tuple[State, ...] = (
    State("starting", ScreenCode.STARTING),
    State("busy", ScreenCode.BUSY),
    State("idle", lambda performer, _: performer.ready(lambda words: notices(SHEET, words))),
    State("consent", lambda performer, now_ns: performer.ask_consent(now_ns + _QUESTION_NS)),
    State(
        "hand-off",
        lambda performer, now_ns: performer.ask_consent(now_ns + _QUESTION_NS, lambda words: asked_by(SHEET, words)),
    ),
    State("look", lambda performer, _: performer.look_here()),
    State("hold", lambda performer, _: performer.hold_still(), done=0.5, mirror=True),
    _action("blink", ActionKind.BLINK),
    _action("open-mouth", ActionKind.OPEN_MOUTH),
    _action("nod", ActionKind.NOD),
    _action("turn-left", ActionKind.TURN_LEFT),
    _action("turn-right", ActionKind.TURN_RIGHT),
    _action("look-up", ActionKind.LOOK_UP),
    _guide("off-centre", Reason.OFF_CENTRE),
    _guide("too-far", Reason.TOO_FAR),
    _guide("too-dark", Reason.TOO_DARK),
    _guide("glasses", Reason.GLASSES_GLARE),
    _guide("hair", Reason.HAIR_OVER_FACE),
    State("staff", lambda performer, _: performer.call_staff(Reason.GLASSES_GLARE), done=0.3, mirror=True),
    _ending("done", Verdict.ACCEPTED, online=False),
    _ending("mismatch", Verdict.REFUSED, Reason.FACE_MISMATCH, failures=3, online=False),
    _ending("review", Verdict.REVIEW, Reason.LIKENESS_UNCERTAIN),
    State(
        "locked",
        lambda performer, _: performer.refusal(Reason.LOCKED, lambda words: steps_when_locked(_NOON_S, SHEET, words)),
    ),
    State(
        "fault",
        lambda performer, _: performer.refusal(Reason.CAMERA_LOST, lambda words: steps_without_visit(SHEET, words)),
    ),
    State("out-of-order", lambda performer, _: performer.out_of_order()),
)
