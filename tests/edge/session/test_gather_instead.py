"""What is asked for in place of an action: by the policy once in a visit, and of a blink where the eyes are seen too seldom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.flow import ActionKind, ActionOutcome
from edge.session.states import Event, State
from tests.edge.observations import RULES, flawed, usable
from tests.edge.session.course import FRAME_MS, Course, frames, ready, still_evidence
from wire.reasons import Reason


def substituting(*asked: ActionKind, instead: tuple[ActionKind, ...], allowed: bool = True) -> Course:
    """An attempt in which the first action was just asked for, at 700 ms, and others may be asked for instead."""
    course = Course(*asked, rules=replace(RULES, substitution=allowed), instead=instead)
    course.take_all([*ready(), *still_evidence(200)])
    return course


def test_who_does_not_blink_may_open_the_mouth_where_the_policy_allows_it() -> None:
    course = substituting(ActionKind.BLINK, instead=(ActionKind.OPEN_MOUTH,))

    course.take_all(frames(750, 13_000))
    assert course.gatherer.asking is ActionKind.OPEN_MOUTH
    assert course.state is State.CHALLENGING
    event = course.take_all([*frames(13_000, 13_400), *frames(13_400, 14_000, (0.3, 0.6)), *frames(14_000, 14_400)])

    evidence = course.gatherer.evidence
    assert event is Event.EVIDENCE_COMPLETE
    assert evidence.outcome is ActionOutcome.DONE
    assert evidence.asked == (ActionKind.BLINK, ActionKind.OPEN_MOUTH)
    assert evidence.substituted


def test_nothing_is_asked_for_instead_where_the_policy_does_not_say_so() -> None:
    course = substituting(ActionKind.BLINK, instead=(ActionKind.OPEN_MOUTH,), allowed=False)

    assert course.take_all(frames(750, 60_000)) is Event.EVIDENCE_COMPLETE
    assert course.gatherer.evidence.outcome is ActionOutcome.MISSED
    assert not course.gatherer.evidence.substituted


def test_one_action_of_a_visit_may_be_another_and_no_second_one() -> None:
    instead = (ActionKind.OPEN_MOUTH, ActionKind.TURN_LEFT)
    course = substituting(ActionKind.BLINK, ActionKind.NOD, instead=instead)

    course.take_all([*frames(750, 13_000), *frames(13_000, 13_600, (0.3, 0.6)), *frames(13_600, 14_000)])
    assert course.gatherer.asking is ActionKind.NOD
    event = course.take_all(frames(14_000, 40_000))

    assert event is Event.EVIDENCE_COMPLETE
    assert course.gatherer.evidence.asked == (ActionKind.BLINK, ActionKind.OPEN_MOUTH, ActionKind.NOD)
    assert course.gatherer.evidence.outcome is ActionOutcome.MISSED


def test_who_is_asked_for_something_else_and_does_the_first_thing_does_it_too_late() -> None:
    course = substituting(ActionKind.OPEN_MOUTH, instead=(ActionKind.BLINK,))

    course.take_all([*frames(750, 13_000), *frames(13_000, 13_600, (0.3, 0.6)), *frames(13_600, 14_000)])

    assert course.gatherer.asking is ActionKind.BLINK
    assert course.gatherer.evidence.outcome is ActionOutcome.WRONG


@pytest.mark.parametrize(
    ("apart_ms", "asked"), [(50, ActionKind.BLINK), (52, ActionKind.OPEN_MOUTH), (100, ActionKind.OPEN_MOUTH)]
)
def test_a_blink_is_asked_for_only_where_none_is_missed(apart_ms: float, asked: ActionKind) -> None:
    course = Course(ActionKind.BLINK, rules=replace(RULES, substitution=True), instead=(ActionKind.OPEN_MOUTH,))

    at_ms = 0.0
    while course.gatherer.asking is None and at_ms < 20_000:
        course.take(usable(at_ms, texture=0.99, shot=90))
        at_ms += apart_ms

    assert course.gatherer.asking is asked
    assert course.gatherer.evidence.asked == (asked,)
    assert course.gatherer.evidence.substituted is (asked is not ActionKind.BLINK)


def test_frames_that_cannot_be_used_do_not_show_a_blink() -> None:
    """A camera of 30 frames a second, of which two in three are blurred."""
    course = Course(ActionKind.BLINK)
    frames_of = (lambda at_ms: usable(at_ms, texture=0.99, shot=90), *([lambda at_ms: flawed(at_ms, Reason.HOLD_STILL)] * 2))
    course.take_all(ready())

    for number in range(3, 300):
        course.take(frames_of[number % 3](number * FRAME_MS))

    assert course.gatherer.asking is ActionKind.OPEN_MOUTH
