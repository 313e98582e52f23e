"""The time that is shown for a movement is the time that there is for it (R36)."""

from __future__ import annotations

from dataclasses import replace

from edge.flow import ActionKind
from firmware.clock import SystemClock
from firmware.twin.parts import Part, Recorder, RecordingScreen
from tests.edge.test_attempt import FAR, GOOD, SHORT, scenes, serve
from tests.edge.test_consent import SettableClock
from tests.fakes.stage import Stage
from wire.result import Verdict


def test_the_screen_is_told_when_the_unit_gives_up_on_a_movement() -> None:
    clock, screen = SettableClock(), RecordingScreen(Recorder(SystemClock()))

    serve(Stage(lambda _: GOOD, lasts_ms=2500), ActionKind.BLINK, board=lambda board: replace(board, screen=screen, clock=clock))

    assert screen.view is not None
    assert (screen.view.code, screen.view.until_ns) == ("ASK_BLINK", clock.at_ns + SHORT.times.action_ms * 1_000_000)


def test_words_that_ask_for_no_movement_have_no_end() -> None:
    screen = RecordingScreen(Recorder(SystemClock()))

    serve(Stage(lambda _: GOOD, lasts_ms=300), board=lambda board: replace(board, screen=screen))

    assert screen.view is not None
    assert screen.view.until_ns is None


def test_who_is_asked_to_act_at_once_is_told_nothing_in_between_that_would_be_cut_off() -> None:
    """Who was too far away reads that no longer."""
    served = serve(Stage(scenes((1500, FAR), (60_000, GOOD)), lasts_ms=2800), ActionKind.BLINK)

    assert served.screens == ("LOOK_HERE", "TOO_FAR", "LOOK_HERE", "ASK_BLINK")
    assert served.recorder.of(Part.LED)[-2:] == ("LOOK_HERE", "DO_ACTION")


def test_who_was_quick_reads_that_it_was_good_while_there_are_shots_to_take() -> None:
    opens = Stage(lambda at_ms: replace(GOOD, mouth=0.8 if 900 <= at_ms < 1200 else 0.0))

    served = serve(opens, ActionKind.OPEN_MOUTH)

    assert served.screens == ("LOOK_HERE", "ASK_OPEN_MOUTH", "HOLD_STILL_PLEASE")
    assert len(served.ending.shots) == SHORT.shots
    assert served.verdict == (Verdict.ACCEPTED, ())
