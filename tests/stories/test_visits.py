"""Every way that a visitor may go, from the consent to the last screen, with its result (R11 to R49, R62, R69)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import VisitLockedError
from edge.flow import ActionKind
from edge.sheet import Sheet
from firmware.errors import CameraStalledError
from tests.edge.visits import open_desk
from tests.fakes.stage import Face, Scene, Script, Stage
from tests.stories.theatre import GOOD, Theatre
from wire.reasons import Category, Reason

NOBODY = Scene(faces=())
CONSENT, LOOK, STILL = ("LOOK_HERE", "CONSENT"), ("LOOK_HERE", "LOOK_HERE"), ("HOLD_STILL", "HOLD_STILL_PLEASE")
BLINK, MOUTH, DONE = ("DO_ACTION", "ASK_BLINK"), ("DO_ACTION", "ASK_OPEN_MOUTH"), ("DONE", "DONE")


class PowerCutError(BaseException):
    """The battery is pulled: nothing in the product may catch it."""


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    with open_desk(tmp_path) as desk:
        desk.reception = replace(desk.reception, sheet=Sheet(hotline="12333", lock_after=4))
        yield Theatre(desk)


def scenes(*parts: tuple[float, Scene]) -> Script:
    """Scenes, each until its time in milliseconds; the last one stays."""
    return lambda at_ms: next((scene for until_ms, scene in parts if at_ms < until_ms), parts[-1][1])


def mouth_at(*begins_ms: float) -> Script:
    """Somebody who opens the mouth for half a second at these times."""
    opened = replace(GOOD, mouth=0.5)
    return lambda at_ms: opened if any(begin <= at_ms < begin + 500 for begin in begins_ms) else GOOD


def test_accepted(theatre: Theatre) -> None:
    play = theatre.play()

    assert play.told == [CONSENT, LOOK, STILL, DONE]
    assert play.verdict == ("accepted",)
    assert play.moments[-1].at_ms <= 4_000
    assert play.last.lines == ("Number of this visit: 1",)
    play.check()


GUIDED = [
    reason for reason in Reason if reason.category is Category.GUIDANCE and reason not in (Reason.NO_FACE, Reason.LENS_DIRTY)
]


@pytest.mark.parametrize("reason", GUIDED)
def test_each_cause_is_named_until_it_is_mended_and_then_the_visit_goes_on(theatre: Theatre, reason: Reason) -> None:
    play = theatre.play(flaw_at=lambda at_ms: reason if at_ms < 2_500 else None)

    assert play.told == [CONSENT, LOOK, ("LOOK_HERE", reason.value), STILL, DONE]
    assert play.verdict == ("accepted",)
    named = play.moments[2]
    assert 300 <= named.at_ms <= 1_000
    assert play.moments[3].at_ms >= 2_500
    play.check()


def test_somebody_who_comes_late_is_waited_for(theatre: Theatre) -> None:
    play = theatre.play(scenes((2_000, NOBODY), (9e9, GOOD)))

    assert play.told == [CONSENT, LOOK, ("LOOK_HERE", "NO_FACE"), STILL, DONE]
    assert play.verdict == ("accepted",)
    play.check()


@pytest.mark.parametrize("reason", [Reason.TOO_DARK, Reason.GLASSES_GLARE, Reason.FACE_MASK])
def test_a_cause_that_is_never_mended_ends_the_visit_by_its_name(theatre: Theatre, reason: Reason) -> None:
    play = theatre.play(flaw_at=lambda _: reason)

    assert play.verdict == ("refused", reason.value, "TIMED_OUT")
    assert play.told[-1] == ("REFUSED", reason.value)
    assert play.last.lines[0] == "Tries left: 2."
    assert 45_000 <= play.moments[-1].at_ms <= 45_100
    play.check()


def test_who_does_what_is_asked_for_is_accepted(theatre: Theatre) -> None:
    play = theatre.play(mouth_at(4_000), asked=ActionKind.OPEN_MOUTH)

    assert play.told == [CONSENT, LOOK, MOUTH, DONE]
    assert play.verdict == ("accepted",)
    assert play.moments[-1].at_ms <= 15_000
    play.check()


def test_wrong_action_then_right(theatre: Theatre) -> None:
    asks_at = theatre.play(asked=ActionKind.OPEN_MOUTH).moments[2].at_ms
    nods = replace(GOOD, pitch_deg=18.0)

    def nods_and_then_opens(at_ms: float) -> Scene:
        if asks_at + 1_000 <= at_ms < asks_at + 1_600:
            return nods
        return mouth_at(asks_at + 4_000)(at_ms)

    play = theatre.play(nods_and_then_opens, asked=ActionKind.OPEN_MOUTH)

    assert play.told == [CONSENT, LOOK, MOUTH, DONE]
    assert play.verdict == ("accepted",)
    play.check()


def test_only_the_wrong_action_is_told_as_such(theatre: Theatre) -> None:
    nods: Script = lambda at_ms: replace(GOOD, pitch_deg=18.0) if at_ms % 3_000 > 2_400 else GOOD  # noqa: E731

    play = theatre.play(nods, asked=ActionKind.OPEN_MOUTH)

    assert play.verdict == ("refused", "WRONG_ACTION")
    assert play.told[-1] == ("REFUSED", "WRONG_ACTION")
    play.check()


def test_a_face_that_is_lost_begins_anew(theatre: Theatre) -> None:
    play = theatre.play(scenes((900, GOOD), (3_000, NOBODY), (9e9, GOOD)))

    assert play.told[:3] == [CONSENT, LOOK, STILL]
    assert ("LOOK_HERE", "NO_FACE") in play.told
    assert play.told[-2:] == [STILL, DONE]
    assert play.verdict == ("accepted",)
    assert play.moments[-1].at_ms >= 3_000
    play.check()


def test_a_second_person_is_asked_to_step_aside(theatre: Theatre) -> None:
    two = Scene(faces=(Face(x_px=90, side_px=95), Face(x_px=235, side_px=95)))

    play = theatre.play(scenes((2_500, two), (9e9, GOOD)))

    assert play.told == [CONSENT, LOOK, ("LOOK_HERE", "MULTIPLE_FACES"), STILL, DONE]
    assert play.verdict == ("accepted",)
    play.check()


def test_an_attack_ends_at_once_with_neutral_words_and_no_further_try(theatre: Theatre) -> None:
    play = theatre.play(lambda _: replace(GOOD, real=0.1))

    assert play.told == [CONSENT, LOOK, STILL, ("REFUSED", "SPOOF_SUSPECTED")]
    assert play.verdict == ("attack", "SPOOF_SUSPECTED")
    assert play.result.likeness is None
    assert play.last.lines[0] == "At the counter, a person can check instead of this unit."
    play.check()


@pytest.mark.parametrize("by", ["button", "touch"])
def test_cancelled(theatre: Theatre, by: str) -> None:
    def stops(at_ms: float) -> None:
        if 900 <= at_ms < 930:
            theatre.button.press() if by == "button" else theatre.touches.touch("CANCEL")

    play = theatre.play(does=stops)

    assert play.told == [CONSENT, LOOK, STILL, ("REFUSED", "CANCELLED")]
    assert play.verdict == ("aborted", "CANCELLED")
    assert 900 <= play.moments[-1].at_ms <= 940
    play.check()


def test_three_failures_offer_a_person_and_the_next_is_locked(theatre: Theatre) -> None:
    plays = [theatre.play(person=2) for _ in range(4)]

    assert [play.verdict for play in plays] == [("refused", "FACE_MISMATCH")] * 4
    assert [play.told[-1] for play in plays] == [("REFUSED", "FACE_MISMATCH")] * 4
    views = [view for view in theatre.views if view.code == "FACE_MISMATCH"]
    assert [view.lines[0] for view in views[:3]] == [
        *("Tries left: 2.", "Tries left: 1."),
        "At the counter, a person can check instead of this unit.",
    ]
    assert views[3].lines[0].startswith("Please come back after ")
    with pytest.raises(VisitLockedError):
        theatre.play()
    assert theatre.views[-1].code == "LOCKED"
    assert theatre.views[-1].lines[-1] == "Hotline: 12333"
    assert len(theatre.desk.results) == 4


def test_offline_the_visitor_reads_that_the_result_is_kept(theatre: Theatre) -> None:
    theatre.play()

    play = theatre.play()

    assert play.verdict == ("accepted",)
    assert play.last.lines[-1] == "The result is saved and will be sent when there is a network."
    assert [each.sequence for each in theatre.desk.results] == [1, 2]


def test_the_camera_dies_in_the_middle(theatre: Theatre) -> None:
    play = theatre.play(lasts_ms=1_000, fails=CameraStalledError("usb:0", "no picture came for 2 s"))

    assert play.told == [CONSENT, LOOK, STILL, ("FAULT", "CAMERA_LOST")]
    assert play.verdict == ("aborted", "CAMERA_LOST")
    assert theatre.desk.reception.tries.of("s", 0).failures == 0
    play.check()


def test_the_battery_is_pulled_in_the_middle_and_the_attempt_is_reported_at_the_next_start(theatre: Theatre) -> None:
    def pulls(at_ms: float) -> None:
        if at_ms >= 900:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        theatre.play(does=pulls)
    assert theatre.desk.results == []
    (open_attempt,) = theatre.desk.spool.unfinished()

    reported = theatre.desk.unit(Stage(lambda _: GOOD)).report_interrupted()

    (result,) = theatre.desk.results
    assert (result.verdict.value, [reason.value for reason in result.reasons]) == ("aborted", ["INTERRUPTED"])
    assert result.visit is not None
    assert result.visit.case == open_attempt.case
    assert [each.sequence for each in reported] == [1]
    assert theatre.play().verdict == ("accepted",)


def test_a_visitor_who_says_no_is_not_looked_at(theatre: Theatre) -> None:
    theatre.touches = type(theatre.touches)(theatre.recorder, theatre.screen.word, {"CONSENT": "DECLINE"})
    looked: list[float] = []

    play = theatre.play(does=looked.append)

    assert play.told == [CONSENT, ("REFUSED", "CONSENT_MISSING")]
    assert play.verdict == ("aborted", "CONSENT_MISSING")
    assert looked == []
    play.check()


def test_a_visitor_may_go_on_in_another_language(theatre: Theatre) -> None:
    def switches(at_ms: float) -> None:
        if 600 <= at_ms < 620:
            theatre.touches.touch("LANGUAGE:zh-CN")

    play = theatre.play(does=switches)

    assert [moment.screen for moment in play.moments].count("HOLD_STILL_PLEASE") == 2
    assert play.moments[-1].voice == "zh-CN: 办好了 谢谢您。"
    assert play.last.lines == ("本次编号：1",)
    assert play.verdict == ("accepted",)
    play.check()


@pytest.mark.parametrize("name", ["passive", "active"])
def test_nobody_who_does_right_waits_longer_than_they_should(theatre: Theatre, name: str) -> None:
    """R37: at most 4 s of looking at somebody who holds still, 15 s with an action."""
    asked: dict[str, ActionKind | None] = {"passive": None, "active": ActionKind.OPEN_MOUTH}
    script: dict[str, Callable[[float], Scene]] = {"passive": lambda _: GOOD, "active": mouth_at(4_000, 8_000)}

    play = theatre.play(script[name], asked=asked[name])

    assert play.moments[-1].at_ms <= {"passive": 4_000, "active": 15_000}[name]
