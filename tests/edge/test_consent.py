"""No frame is looked at before the visitor agrees, and the result says to what, how and when (R62)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from edge.consent import UNASKED, ConsentDesk, ConsentSetting
from edge.perform import Performer
from edge.prompts.catalogue import LANGUAGES, Catalogue, load_catalogue
from edge.reception import Reception
from edge.session.states import Event
from edge.tries import TriesMemory
from firmware.board import Board
from firmware.frame import Frame
from firmware.ports import Mood
from firmware.twin.parts import Part, Recorder, RecordingButton, RecordingScreen, RecordingTouches
from tests import builders as a
from tests.edge.visits import Desk, open_desk
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Stage
from wire.reasons import Reason
from wire.result import Consent, ConsentGiven, Verdict

CATALOGUES = {language: load_catalogue(language) for language in LANGUAGES}
WAIT_NS = 90_000_000_000


class SettableClock:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.at_ns = 5_000_000_000

    def now_ns(self) -> int:
        return self.at_ns


class Booth:
    """A visitor before the question, who does something while the unit waits."""

    def __init__(self, setting: ConsentSetting = ConsentSetting.ASK) -> None:
        self.clock = SettableClock()
        self.recorder = Recorder(self.clock)
        self.screen, self.button = RecordingScreen(self.recorder), RecordingButton(self.recorder)
        self.touches = RecordingTouches(self.recorder)
        board = twin_board(ScriptedCamera(lambda: iter(())), self.recorder)
        self.board: Board = replace(board, screen=self.screen, button=self.button, touches=self.touches, clock=self.clock)
        self.performer = Performer(self.board, CATALOGUES["zh-CN"], CATALOGUES)
        self.does: list[Callable[[], None]] = []
        self.waited_s = 0.0
        self.desk = ConsentDesk(setting, self.board, self.performer, _who_asks, WAIT_NS, lambda: a.NOW_S, self._wait)

    def answer(self, *does: Callable[[], None]) -> Event:
        self.does = list(does)
        self.desk.ask()
        return self.desk.answer()

    def _wait(self, seconds: float) -> None:
        self.waited_s += seconds
        self.clock.at_ns += round(seconds * 1e9)
        if self.does:
            self.does.pop(0)()

    def touch(self, choice: str) -> Callable[[], None]:
        return lambda: self.touches.touch(choice)


def _who_asks(words: Catalogue) -> tuple[str, ...]:
    return (f"Somebody, in {words.language}",)


def test_the_question_says_who_asks_what_is_agreed_to_and_until_when() -> None:
    booth = Booth()

    booth.answer(booth.touch("AGREE"))

    view = booth.screen.view
    assert view is not None
    assert (view.code, view.mood, view.language) == ("CONSENT", Mood.CONSENT, "zh-CN")
    assert view.lines == ("Somebody, in zh-CN", *CATALOGUES["zh-CN"].views["CONSENT"].lines)
    assert [choice.code for choice in view.choices] == ["AGREE", "DECLINE", "LANGUAGE:en"]
    assert view.until_ns == 5_000_000_000 + WAIT_NS
    (spoken,) = booth.recorder.of(Part.SPEAKER)
    assert all(line in spoken for line in view.lines)


@pytest.mark.parametrize(("touched", "how"), [("AGREE", ConsentGiven.TOUCH), ("", ConsentGiven.BUTTON)])
def test_a_touch_or_the_button_agrees_and_the_wording_is_remembered(touched: str, how: ConsentGiven) -> None:
    booth = Booth()

    answer = booth.answer(booth.touch(touched) if touched else booth.button.press)

    assert answer is Event.AGREED
    assert booth.desk.given == Consent("lifecert-consent/1", "zh-CN", how, a.NOW_S)


@pytest.mark.parametrize("choice", ["DECLINE", "CANCEL"])
def test_who_says_no_did_not_agree(choice: str) -> None:
    booth = Booth()

    assert booth.answer(booth.touch(choice), booth.touch("AGREE")) is Event.DECLINED
    assert booth.desk.given is None


def test_nobody_agrees_by_silence() -> None:
    booth = Booth()

    assert booth.answer() is Event.DECLINED
    assert booth.desk.given is None
    assert booth.waited_s == pytest.approx(90, abs=0.1)


@pytest.mark.parametrize("choice", ["agree", "START", "LANGUAGE:fr", "LANGUAGE:zh-CN", "AGREE:"])
def test_any_other_touch_is_no_answer(choice: str) -> None:
    booth = Booth()

    assert booth.answer(booth.touch(choice)) is Event.DECLINED
    assert len(booth.recorder.of(Part.SCREEN)) == 1


def test_who_presses_or_touches_before_the_question_has_not_answered_it() -> None:
    booth = Booth()
    booth.button.press()
    booth.touches.touch("AGREE")

    assert booth.answer() is Event.DECLINED


def test_the_question_is_asked_again_in_another_language_and_the_result_says_in_which_it_was_answered() -> None:
    booth = Booth()

    answer = booth.answer(booth.touch("LANGUAGE:en"), booth.touch("AGREE"))

    assert answer is Event.AGREED
    assert booth.recorder.of(Part.SCREEN) == ("CONSENT", "CONSENT")
    assert booth.screen.view is not None
    assert booth.screen.view.lines[0] == "Somebody, in en"
    assert [choice.words for choice in booth.screen.view.choices] == ["I agree", "I do not agree", "中文"]
    assert booth.desk.given == Consent("lifecert-consent/1", "en", ConsentGiven.TOUCH, a.NOW_S)


def test_where_a_worker_has_asked_the_unit_asks_nobody_and_says_so() -> None:
    booth = Booth(ConsentSetting.WITNESS)

    assert booth.answer() is Event.AGREED
    assert booth.recorder.of(Part.SCREEN) == ()
    assert booth.desk.given == Consent("lifecert-consent/1", "zh-CN", ConsentGiven.WITNESS, a.NOW_S)


def test_a_recording_is_asked_nothing_and_agrees_to_nothing() -> None:
    UNASKED.ask()

    assert UNASKED.answer() is Event.AGREED


# --- a whole visit ------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


class Guarded:
    """A camera that knows whether it was asked for a frame."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self.asked = stage, 0

    def frames(self) -> Iterator[Frame]:
        for frame in self._stage.frames():
            self.asked += 1
            yield frame


def test_a_visitor_who_declines_is_never_looked_at_and_the_visit_leaves_a_result_that_says_so(desk: Desk) -> None:
    stage = Stage(lambda _: Scene())
    guarded, recorder = Guarded(stage), Recorder(SettableClock())
    screen = RecordingScreen(recorder)
    board = replace(
        twin_board(ScriptedCamera(guarded.frames), recorder),
        screen=screen,
        touches=RecordingTouches(recorder, screen.word, {"CONSENT": "DECLINE"}),
    )

    desk.unit(stage).visit(desk.ticket(), [desk.photo], board, lambda: None)

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.ABORTED, (Reason.CONSENT_MISSING,))
    assert (result.consent, result.frames, result.likeness, result.liveness) == (None, 0, None, ())
    assert guarded.asked == 0
    assert recorder.of(Part.SCREEN) == ("CONSENT", "CONSENT_MISSING")
    assert recorder.of(Part.LED) == ("LOOK_HERE", "REFUSED")
    assert set(recorder.of(Part.ILLUMINATOR)) <= {"0 0"}


def test_an_accepted_visit_says_what_its_visitor_agreed_to(desk: Desk) -> None:
    desk.visit(desk.ticket())

    (result,) = desk.results
    assert result.verdict is Verdict.ACCEPTED
    assert result.consent == Consent("lifecert-consent/1", "en", ConsentGiven.TOUCH, a.NOW_S)


def test_a_unit_that_nobody_can_touch_or_press_serves_with_a_witness_only(desk: Desk) -> None:
    clock = SettableClock()

    def waits(seconds: float) -> None:
        clock.at_ns += round(seconds * 1e9)

    stage = Stage(lambda _: Scene())
    desk.reception = replace(desk.reception, pause=waits)
    for setting in ConsentSetting:
        desk.reception = replace(desk.reception, consent=setting)
        recorder = Recorder(clock)
        board = replace(twin_board(ScriptedCamera(stage.frames), recorder), touches=RecordingTouches(recorder), clock=clock)
        desk.unit(stage).visit(desk.ticket(nonce=bytes(16) + setting.value.encode()), [desk.photo], board, lambda: None)

    asked, witnessed = desk.results
    assert (asked.reasons, asked.consent) == ((Reason.CONSENT_MISSING,), None)
    assert witnessed.verdict is Verdict.ACCEPTED
    assert witnessed.consent is not None
    assert witnessed.consent.how is ConsentGiven.WITNESS


def test_the_reception_of_a_desk_asks(desk: Desk) -> None:
    assert isinstance(desk.reception, Reception)
    assert desk.reception.consent is ConsentSetting.ASK


def test_a_unit_gives_signs_of_life_while_a_visitor_thinks(tmp_path: Path) -> None:
    """Someone may take a minute: the service manager must not take that for a unit that hangs (F66)."""
    booth, beats = Booth(), []
    reception = Reception(TriesMemory(tmp_path / "tries"), pause=booth._wait)
    desk = reception.consent_desk(booth.board, booth.performer, 2_000, lambda: a.NOW_S, lambda: beats.append(booth.clock.at_ns))

    assert desk.answer() is Event.DECLINED
    assert len(beats) > 5
    assert max(later - earlier for earlier, later in pairwise(beats)) <= 500_000_000
