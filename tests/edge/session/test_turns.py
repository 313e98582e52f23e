"""Whether a turn or a nod counts: by direction, extent and time, against the visitor's own rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from edge.flow import ActionKind, ActionOutcome, Expression
from edge.session.actions import MOVEMENTS
from tests.edge.session.test_actions import EYES_OPEN, watched

LEFT, RIGHT, NOD = ActionKind.TURN_LEFT, ActionKind.TURN_RIGHT, ActionKind.NOD
START_MS = 1000.0


def moving(
    yaw_deg: float, pitch_deg: float, lasts_ms: float = 1200, rest: tuple[float, float] = (0.0, 0.0)
) -> Iterator[Expression]:
    """The head turns and bows once so far, quickly, and comes back."""
    ramp_ms = min(300.0, lasts_ms / 4)
    for number in range(round((START_MS + lasts_ms + 1000) * 30 / 1000)):
        at_ms = number * 1000 / 30
        share = min(1.0, max(0.0, min(at_ms - START_MS, START_MS + lasts_ms - at_ms)) / ramp_ms)
        yield Expression(EYES_OPEN, 0.0, round(at_ms * 1e6), rest[0] + yaw_deg * share, rest[1] + pitch_deg * share)


@pytest.mark.parametrize("rest", [(0.0, 0.0), (10.0, -8.0), (-9.0, 12.0)])
@pytest.mark.parametrize(("asked", "yaw_deg", "pitch_deg"), [(LEFT, 20, 0), (RIGHT, -20, 0), (NOD, 0, 10)])
def test_a_turn_or_nod_counts_however_the_head_rests(
    asked: ActionKind, yaw_deg: float, pitch_deg: float, rest: tuple[float, float]
) -> None:
    assert watched(asked, moving(yaw_deg, pitch_deg, rest=rest)) is ActionOutcome.DONE


@pytest.mark.parametrize(("asked", "yaw_deg", "pitch_deg"), [(LEFT, -20, 0), (RIGHT, 20, 0), (NOD, 20, 0), (LEFT, 0, 10)])
def test_another_turn_or_nod_is_the_wrong_one(asked: ActionKind, yaw_deg: float, pitch_deg: float) -> None:
    assert watched(asked, moving(yaw_deg, pitch_deg)) is ActionOutcome.WRONG


@pytest.mark.parametrize(("asked", "yaw_deg", "pitch_deg"), [(LEFT, 13, 0), (RIGHT, -13, 0), (NOD, 0, 6), (NOD, 0, -20)])
def test_what_a_tilted_print_or_a_restless_head_reaches_is_nothing(asked: ActionKind, yaw_deg: float, pitch_deg: float) -> None:
    assert watched(asked, moving(yaw_deg, pitch_deg)) is ActionOutcome.PENDING


@pytest.mark.parametrize(("asked", "yaw_deg", "pitch_deg"), [(LEFT, 20, 0), (RIGHT, -20, 0), (NOD, 0, 10)])
def test_a_jerk_is_too_fast_and_a_head_that_lingers_too_slow(asked: ActionKind, yaw_deg: float, pitch_deg: float) -> None:
    assert watched(asked, moving(yaw_deg, pitch_deg, lasts_ms=170)) is ActionOutcome.TOO_FAST
    assert watched(asked, moving(yaw_deg, pitch_deg, lasts_ms=9000)) is ActionOutcome.TOO_SLOW


def blinking_as_it_begins(seen: Iterator[Expression], until_ms: float) -> Iterator[Expression]:
    """The same with lids that fall before the head moves, and open again only so much later."""
    for one in seen:
        shut = START_MS - 100 < one.captured_ns / 1e6 < until_ms
        yield replace(one, eyes=0.5 * EYES_OPEN if shut else one.eyes)


@pytest.mark.parametrize("until_ms", [START_MS + 100, START_MS + 700, START_MS + 1300])
@pytest.mark.parametrize(("asked", "yaw_deg", "pitch_deg"), [(LEFT, 20, 0), (RIGHT, -20, 0), (NOD, 0, 10)])
def test_a_blink_with_which_a_turn_begins_does_not_hide_it(
    asked: ActionKind, yaw_deg: float, pitch_deg: float, until_ms: float
) -> None:
    assert watched(asked, blinking_as_it_begins(moving(yaw_deg, pitch_deg), until_ms)) is ActionOutcome.DONE


def test_a_blink_with_which_the_wrong_turn_begins_does_not_excuse_it() -> None:
    assert watched(LEFT, blinking_as_it_begins(moving(-20, 0), START_MS + 700)) is ActionOutcome.WRONG


def test_a_blink_that_was_asked_for_is_followed_to_its_end_though_the_head_nods() -> None:
    seen = blinking_as_it_begins(moving(0, 10), START_MS + 400)

    assert watched(ActionKind.BLINK, seen) is ActionOutcome.DONE


def test_every_movement_has_room_between_its_beginning_and_its_end() -> None:
    assert all(movement.ends < movement.begins for movement in MOVEMENTS.values())
