"""What a visitor reads after a visit: the useful first, in their language, never how near they were (R40 to R51, R61, R69)."""

from __future__ import annotations

from datetime import datetime

import pytest

from edge.flow import Decision
from edge.next_steps import Ended, asked_by, notices, steps_after, steps_when_locked, steps_without_visit
from edge.prompts.catalogue import load_catalogue
from edge.sheet import Sheet, read_sheet
from edge.tries import Tries
from tests.edge.test_sheet import example
from wire.reasons import Reason
from wire.result import Verdict

EN, ZH = load_catalogue("en"), load_catalogue("zh-CN")
SHEET = read_sheet("example", example())
THURSDAY_NOON = 1_795_665_600
"""2026-11-26, 12:00 in China."""

ACCEPTED, MISMATCH = Decision(Verdict.ACCEPTED, ()), Decision(Verdict.REFUSED, (Reason.FACE_MISMATCH,))
COUNTER, HOTLINE = "Counter: ground floor, Renmin Road 1", "Hotline: 12333"
ROUTES, NUMBER = "Other ways: bank card, text message", "Number of this visit: 41"
PERSON = "At the counter, a person can check instead of this unit."


def ended(decision: Decision, failures: int = 1, *, online: bool = True, now_s: int = THURSDAY_NOON) -> Ended:
    return Ended(decision, 41, Tries(failures, now_s), now_s, online)


def test_who_is_accepted_reads_when_to_come_again_and_the_number() -> None:
    assert steps_after(ended(ACCEPTED), SHEET, EN) == ("Please come again: 2027-11-26", NUMBER)


@pytest.mark.parametrize(
    ("today", "months", "due"),
    [
        *(((2027, 2, 28), 12, "2028-02-28"), ((2028, 2, 29), 12, "2029-02-28"), ((2026, 12, 31), 2, "2027-02-28")),
        *(((2026, 12, 31), 12, "2027-12-31"), ((2026, 11, 30), 1, "2026-12-30"), ((2026, 10, 31), 1, "2026-11-30")),
    ],
)
def test_it_is_due_on_the_same_day_or_on_the_last_of_a_shorter_month(today: tuple[int, int, int], months: int, due: str) -> None:
    now_s = int(datetime(*today, 0, 30, tzinfo=SHEET.zone).timestamp())

    assert steps_after(ended(ACCEPTED, now_s=now_s), Sheet(period_months=months), EN)[0] == f"Please come again: {due}"


def test_a_failure_says_how_many_tries_are_left_and_where_else_it_is_done() -> None:
    assert steps_after(ended(MISMATCH), SHEET, EN) == ("Tries left: 2.", COUNTER, HOTLINE, ROUTES, NUMBER)


def test_the_third_failure_offers_a_person_and_a_quieter_hour() -> None:
    quiet = "There is less waiting on Friday 08:30–10:00."

    assert steps_after(ended(MISMATCH, 3), SHEET, EN) == (PERSON, quiet, COUNTER, HOTLINE, ROUTES, NUMBER)
    assert steps_after(ended(MISMATCH, 3), SHEET, ZH)[:2] == (
        "您可以到柜台，请工作人员人工核对。",
        "星期五 08:30–10:00来，人比较少。",
    )


def test_too_many_failures_name_the_time_from_which_on_it_goes_on() -> None:
    assert steps_after(ended(MISMATCH, 12), SHEET, EN)[:2] == ("Please come back after 2026-11-26 12:02.", PERSON)
    assert steps_when_locked(THURSDAY_NOON, SHEET, EN) == ("Please come back after 2026-11-26 12:00.", COUNTER, HOTLINE, ROUTES)


def test_a_wait_that_is_over_already_is_not_told() -> None:
    over = Ended(MISMATCH, 41, Tries(10, THURSDAY_NOON - 60), THURSDAY_NOON, online=True)

    assert steps_after(over, SHEET, EN)[0] == PERSON


@pytest.mark.parametrize(
    "decision", [Decision(Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,)), Decision(Verdict.REVIEW, (Reason.LIKENESS_UNCERTAIN,))]
)
def test_where_a_person_has_to_look_no_further_try_is_offered(decision: Decision) -> None:
    assert steps_after(ended(decision), SHEET, EN) == (PERSON, COUNTER, HOTLINE, ROUTES, NUMBER)


def test_a_fault_of_the_unit_takes_no_try_and_says_where_else_to_go() -> None:
    assert steps_after(ended(Decision(Verdict.ABORTED, (Reason.CAMERA_LOST,))), SHEET, EN) == (COUNTER, HOTLINE, ROUTES, NUMBER)


def test_who_stopped_may_begin_again() -> None:
    assert steps_after(ended(Decision(Verdict.ABORTED, (Reason.CANCELLED,)), 0), SHEET, EN)[0] == "Tries left: 3."


def test_without_a_network_the_visitor_reads_that_nothing_is_lost() -> None:
    saved = "The result is saved and will be sent when there is a network."

    assert steps_after(ended(ACCEPTED, online=False), SHEET, EN)[-1] == saved
    assert steps_after(ended(MISMATCH, online=False), SHEET, EN)[-1] == saved


def test_a_unit_without_a_sheet_says_what_it_knows() -> None:
    assert steps_after(ended(ACCEPTED), Sheet(), EN) == (NUMBER,)
    assert steps_after(ended(MISMATCH, 3), Sheet(), EN) == (PERSON, NUMBER)
    assert steps_without_visit(Sheet(), EN) == ()
    assert asked_by(Sheet(), EN) == ()


def test_who_asks_for_what_is_said_in_the_language_of_the_visitor() -> None:
    assert asked_by(SHEET, ZH) == ("市社会保险中心请您办理：养老金资格认证",)
    assert asked_by(SHEET, EN) == ("The city's social security office asks you for: the yearly pension certification",)


@pytest.mark.parametrize("half", ['asker = "Somebody"', 'programme = "something"'])
def test_half_a_question_is_not_asked(half: str) -> None:
    assert asked_by(read_sheet("half", f"[en]\n{half}"), EN) == ()


def test_while_nobody_is_there_notices_stand_and_what_nobody_ever_asks_for() -> None:
    assert notices(SHEET, EN) == (
        "Closed for maintenance this Saturday.",
        "Nobody from the office ever asks for your password or a code.",
    )
    assert notices(Sheet(), ZH) == ("工作人员不会向您要密码和验证码。",)
