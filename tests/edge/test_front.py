"""The unit's face between visits: an ending stays, then the unit is ready, in any of its languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import StoreUnusableError
from edge.front import ENDING_SHOWN_S, Facade, Front, open_facade
from edge.prompts.catalogue import LANGUAGES, ScreenCode, load_catalogue, other_languages
from edge.reception import Reception
from edge.sheet import Sheet, Wording
from edge.showing.messages import Progress, Touch, Watching
from edge.showing.orders import is_order
from edge.showing.server import StageServer
from edge.tries import TriesMemory
from firmware.clock import SystemClock
from firmware.fitted import Fitted
from firmware.ports import Choice, LedPattern, Mood, View
from firmware.twin.parts import Part, Recorder, RecordingLed, RecordingScreen, RecordingTouches
from tests.edge.test_showing_server import panel_at, until
from tests.fakes.parts import ScriptedCamera, twin_board
from wire.reasons import Reason

CATALOGUES = {language: load_catalogue(language) for language in LANGUAGES}
NEVER = "Nobody from the office ever asks for your password or a code."


class Porch:
    """A front whose clock is set by a test."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 100.0
        self.recorder = Recorder(SystemClock())
        self.screen, self.touches = RecordingScreen(self.recorder), RecordingTouches(self.recorder)
        sheet = Sheet(hotline="12333", wordings={"en": Wording(notices=("Closed on Saturday.",))})
        reception = Reception(TriesMemory(folder / "tries.json"), sheet=sheet, others=CATALOGUES)
        facade = Facade(RecordingLed(self.recorder), self.screen, self.touches, lambda board: board, lambda _: None)
        self.front = Front(facade, reception, CATALOGUES["en"], lambda: self.now_s)

    def look(self, after_s: float = 0.0, *, late: bool = False) -> View | None:
        self.now_s += after_s
        self.front.be(None, LedPattern.IDLE, late=late)
        self.front.look()
        return self.screen.view


@pytest.fixture
def porch(tmp_path: Path) -> Iterator[Porch]:
    return Porch(tmp_path)


def test_a_unit_that_starts_is_ready_with_its_notices(porch: Porch) -> None:
    view = porch.look()

    assert view is not None
    assert (view.code, view.mood, view.lines) == ("READY", Mood.IDLE, ("Closed on Saturday.", NEVER))
    assert [choice.code for choice in view.choices] == ["LANGUAGE:zh-CN"]
    assert porch.recorder.of(Part.LED) == ("IDLE",)
    assert porch.recorder.of(Part.SPEAKER) == ()


def test_nothing_is_shown_again_while_nothing_changes(porch: Porch) -> None:
    for _ in range(5):
        porch.look(1.0)

    assert porch.recorder.of(Part.SCREEN) == ("READY",)


def test_an_ending_stays_long_enough_to_be_read(porch: Porch) -> None:
    porch.look()
    porch.screen.show(View("DONE", "Done", "", "en"))
    porch.front.visited()

    shown = [porch.look(ENDING_SHOWN_S - 0.1), porch.look(0.1)]

    assert [view.code for view in shown if view] == ["DONE", "READY"]


def test_whoever_touches_the_screen_need_not_wait(porch: Porch) -> None:
    porch.front.visited()
    porch.touches.touch("ANYTHING")

    view = porch.look(0.1)

    assert view is not None
    assert view.code == "READY"


def test_the_next_visitor_chooses_the_language_and_the_one_after_begins_anew(porch: Porch) -> None:
    porch.look()
    porch.touches.touch("LANGUAGE:zh-CN")

    view = porch.look(0.1)

    assert view is not None
    assert (view.language, porch.front.words.language) == ("zh-CN", "zh-CN")
    porch.front.visited()
    assert porch.front.words.language == "en"


@pytest.mark.parametrize("choice", ["LANGUAGE:fr", "LANGUAGE:", "AGREE", "zh-CN:LANGUAGE:"])
def test_other_touches_change_no_language(porch: Porch, choice: str) -> None:
    porch.touches.touch(choice)

    porch.look()

    assert porch.front.words.language == "en"


def test_until_the_unit_is_open_light_and_screen_say_that_it_gets_ready(porch: Porch) -> None:
    porch.front.wait(ScreenCode.STARTING)

    starting = porch.screen.view
    ready = porch.look()

    assert starting is not None
    assert (starting.code, starting.mood, starting.choices) == ("STARTING", Mood.IDLE, ())
    assert ready is not None
    assert ready.code == "READY"
    assert porch.recorder.of(Part.LED) == ("WAIT", "IDLE")
    assert porch.recorder.of(Part.SPEAKER) == ()


def test_a_unit_that_is_out_of_order_after_its_start_says_that_instead(porch: Porch) -> None:
    porch.front.wait(ScreenCode.STARTING)

    porch.front.ail(StoreUnusableError("read-only"))

    assert porch.recorder.of(Part.LED) == ("WAIT", "FAULT")


def test_orders_are_handed_on_in_turn_once_each_and_choices_are_not(porch: Porch) -> None:
    for touched in ("DOCTOR", "VOLUME:70", "LANGUAGE:zh-CN", "DOCTOR", "doctor", "VOLUME:71", "AGREE"):
        porch.touches.touch(touched)

    porch.look()

    assert [porch.front.next_order() for _ in range(4)] == ["VOLUME:70", "DOCTOR", None, None]
    assert porch.front.words.language == "zh-CN"


def test_an_order_cuts_no_ending_short(porch: Porch) -> None:
    porch.front.visited()
    porch.touches.touch("DOCTOR")

    view, order = porch.look(1.0), porch.front.next_order()
    porch.look(ENDING_SHOWN_S)

    assert (view, order) == (None, None)
    assert porch.front.next_order() == "DOCTOR"


def test_what_was_ordered_or_touched_during_a_visit_is_dropped(porch: Porch) -> None:
    porch.touches.touch("DOCTOR")
    porch.look()
    porch.touches.touch("SURVEY")
    porch.touches.touch("LANGUAGE:zh-CN")

    porch.front.visited()
    porch.look(ENDING_SHOWN_S)

    assert porch.front.next_order() is None
    assert porch.front.words.language == "en"


def test_no_order_can_be_taken_for_a_choice_that_stands_on_a_view() -> None:
    choices = {choice.code for words in CATALOGUES.values() for choice in words.choices.values()}
    languages = {choice.code for choice in other_languages("")}

    assert [code for code in choices | languages if is_order(code)] == []


def test_where_results_wait_for_the_network_led_and_screen_say_so_until_they_are_gone(porch: Porch) -> None:
    late, online = porch.look(late=True), porch.look(1.0)

    assert late is not None
    assert late.lines[0] == "The network is weak"
    assert online is not None
    assert online.lines[0] == "Closed on Saturday."
    assert porch.recorder.of(Part.LED) == ("NO_NETWORK", "IDLE")


def test_a_unit_that_serves_nobody_says_why_and_where_else_to_go(porch: Porch) -> None:
    porch.front.be(Reason.TOO_HOT, LedPattern.FAULT, late=True)

    porch.front.look()

    view = porch.screen.view
    assert view is not None
    assert (view.code, view.mood, view.lines) == ("TOO_HOT", Mood.FAULT, ("Hotline: 12333",))
    assert porch.recorder.of(Part.LED) == ("FAULT",)
    again = porch.look(1.0)
    assert again is not None
    assert again.code == "READY"


def test_a_unit_that_cannot_even_be_opened_says_so_at_once(porch: Porch) -> None:
    porch.front.visited()

    porch.front.ail(StoreUnusableError("read-only"))

    assert porch.recorder.of(Part.LED) == ("FAULT",)
    assert porch.screen.view is not None
    assert porch.screen.view.mood is Mood.FAULT


def test_a_unit_without_a_panel_and_without_a_screen_shows_nothing_and_goes_on() -> None:
    with open_facade(Fitted(), None) as facade:
        facade.screen.show(View("READY", "Sit down", "", "en"))

        assert tuple(facade.touches.taken()) == ()


def test_a_panel_shows_what_the_unit_shows_and_hears_for_it(tmp_path: Path) -> None:
    recorder = Recorder(SystemClock())
    small = RecordingScreen(recorder)
    ready = View("READY", "Sit down", "", "en", choices=(Choice("LANGUAGE:zh-CN", "中文"), Choice("CANCEL", "Stop")))
    with open_facade(Fitted(screen=small), tmp_path / "stage.sock") as facade:
        facade.screen.show(ready)

        served = StageServer(tmp_path / "stage.sock")
        with panel_at(served) as panel:
            told = panel.next()
            assert told == ready == small.view
            assert isinstance(told, View)
            panel.say(Touch("LANGUAGE:zh-CN", told.number))
            heard: list[str] = []
            assert until(lambda: heard.extend(facade.touches.taken()) or heard == ["LANGUAGE:zh-CN"])
            board = facade.panel(replace(twin_board(ScriptedCamera(lambda: iter(())), recorder), screen=small))
            panel.say(Watching(True))
            assert until(board.mirror.wanted)
            board.screen.progress(0.5)
            assert panel.next() == Progress(0.5)
            panel.say(Touch("CANCEL", told.number))
            assert until(lambda: heard.extend(board.touches.taken()) or heard[1:] == ["CANCEL"])


def test_the_visitor_of_a_twin_who_agrees_by_themselves_is_not_there_where_a_panel_can_be_touched(tmp_path: Path) -> None:
    consent = CATALOGUES["en"].view(ScreenCode.CONSENT)
    with open_facade(Fitted(), None) as alone, open_facade(Fitted(), tmp_path / "stage.sock") as with_panel:
        boards = [facade.panel(twin_board(ScriptedCamera(lambda: iter(())))) for facade in (alone, with_panel)]
        for board in boards:
            board.screen.show(consent)

        answers = [tuple(board.touches.taken()) for board in boards]

    assert answers == [("AGREE",), ()]
