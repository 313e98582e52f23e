"""What a face does when nobody asks: each movement by itself, from rest, and nothing that is a posture (R21, R22, R33)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from edge.flow import ActionKind, Expression
from edge.session.diary import FaceDiary, Happening
from edge.session.movements import MOVEMENTS
from tests.edge.session.test_actions import EYES_OPEN, EYES_SHUT, bump

BLINK, MOUTH, NOD, UP = ActionKind.BLINK, ActionKind.OPEN_MOUTH, ActionKind.NOD, ActionKind.LOOK_UP
LEFT, RIGHT = ActionKind.TURN_LEFT, ActionKind.TURN_RIGHT
Change = Callable[[Expression, float], Expression]
"""Of what is seen at a time in milliseconds."""


def doing(kind: ActionKind, start_ms: float, lasts_ms: float, size: float = 1.0) -> Change:
    """One movement, as large as people make it, times `size`."""

    def change(seen: Expression, at_ms: float) -> Expression:
        share = size * bump(at_ms, start_ms, lasts_ms)
        match kind:
            case ActionKind.BLINK:
                return replace(seen, eyes=seen.eyes - (EYES_OPEN - EYES_SHUT) * share)
            case ActionKind.OPEN_MOUTH:
                return replace(seen, mouth=seen.mouth + 0.8 * share)
            case ActionKind.NOD | ActionKind.LOOK_UP:
                return replace(seen, pitch_deg=seen.pitch_deg + (25 if kind is NOD else -25) * share)
            case ActionKind.TURN_LEFT | ActionKind.TURN_RIGHT:
                return replace(seen, yaw_deg=seen.yaw_deg + (30 if kind is LEFT else -30) * share)

    return change


def course(*changes: Change, lasts_ms: float = 8000, fps: float = 30, rest: Expression | None = None) -> Iterator[Expression]:
    still = rest or Expression(EYES_OPEN, 0.02, 0, 2.0, 5.0)
    for number in range(round(lasts_ms * fps / 1000)):
        at_ms = number * 1000 / fps
        seen = replace(still, captured_ns=round(at_ms * 1e6))
        for change in changes:
            seen = change(seen, at_ms)
        yield seen


def written(seen: Iterable[Expression]) -> list[Happening]:
    """All that a diary writes, in the order in which it began."""
    diary, happened = FaceDiary(), []
    for one in seen:
        happened += diary.see(one)
    happened += diary.close()
    return sorted(happened, key=lambda one: one.start_ns)


def kinds(seen: Iterable[Expression]) -> list[ActionKind]:
    return [one.kind for one in written(seen)]


@pytest.mark.parametrize("kind", list(ActionKind))
@pytest.mark.parametrize("fps", [12, 25, 30])
def test_each_movement_is_written_once_with_its_times(kind: ActionKind, fps: float) -> None:
    lasts_ms = 400 if kind is BLINK else 1500

    (one,) = written(course(doing(kind, 2000, lasts_ms), fps=fps))

    assert (one.kind, one.whole) == (kind, True)
    assert one.start_ns / 1e6 == pytest.approx(2000, abs=lasts_ms / 4 + 1000 / fps)
    assert one.end_ns / 1e6 == pytest.approx(2000 + lasts_ms, abs=lasts_ms / 4 + 1000 / fps)
    assert one.extent == pytest.approx({BLINK: 0.87, MOUTH: 0.8, NOD: 25, UP: 25, LEFT: 30, RIGHT: 30}[kind], rel=0.1)


def test_a_face_that_rests_does_nothing() -> None:
    assert written(course()) == []


def test_who_blinks_with_an_open_mouth_does_both() -> None:
    assert kinds(course(doing(MOUTH, 2000, 2000), doing(BLINK, 2900, 300))) == [MOUTH, BLINK]


def test_two_blinks_whose_lids_were_not_up_between_them_are_two() -> None:
    def twice(seen: Expression, at_ms: float) -> Expression:
        shut = 2000 < at_ms < 2250 or 2500 < at_ms < 2750
        return replace(seen, eyes=EYES_SHUT if shut else 0.7 * EYES_OPEN if 2250 <= at_ms <= 2500 else seen.eyes)

    assert kinds(course(twice)) == [BLINK, BLINK]


def test_who_is_on_the_way_back_does_not_rest_yet() -> None:
    """Else somebody who nods slowly as they appear would seem to rest with a bowed head."""
    slowly, again = doing(NOD, 300, 3600), doing(NOD, 4000, 1000)

    assert [one.extent for one in written(course(slowly, again))] == pytest.approx([25, 25], rel=0.08)


@pytest.mark.parametrize(("kind", "opposite"), [(LEFT, RIGHT), (RIGHT, LEFT), (NOD, UP), (UP, NOD)])
def test_the_way_back_is_no_movement_of_its_own(kind: ActionKind, opposite: ActionKind) -> None:
    assert kinds(course(doing(kind, 1000, 3000), doing(opposite, 5000, 1500))) == [kind, opposite]
    assert kinds(course(doing(kind, 1000, 3000))) == [kind]


def test_eyes_that_look_wider_while_the_head_is_turned_do_not_blink_when_it_comes_back() -> None:
    def wider(seen: Expression, at_ms: float) -> Expression:
        return replace(seen, eyes=seen.eyes * (1.8 if 1200 < at_ms < 4800 else 1.0))

    assert kinds(course(doing(LEFT, 1000, 4000), wider)) == [LEFT]


def test_a_small_dip_of_the_lids_and_a_small_bow_are_nothing() -> None:
    assert kinds(course(doing(BLINK, 1000, 300, size=0.4), doing(NOD, 3000, 1000, size=0.4))) == []


@pytest.mark.parametrize("kind", [MOUTH, NOD, LEFT])
def test_what_lasts_too_long_is_a_posture_and_then_the_way_that_somebody_rests(kind: ActionKind) -> None:
    longest_ms = MOVEMENTS[kind].longest_ms
    once, again = doing(kind, 1000, 1200), doing(kind, 1000 + longest_ms + 4000, 1000)

    def and_stays(seen: Expression, at_ms: float) -> Expression:
        return once(seen, min(at_ms, 1600))

    seen = written(course(and_stays, again, lasts_ms=longest_ms + 8000))

    assert [(one.kind, one.whole) for one in seen] == [(kind, False), (kind, True)]


def test_whoever_rests_with_a_turned_head_turns_when_it_comes_back() -> None:
    longest_ms = MOVEMENTS[LEFT].longest_ms

    # Turned for half a second longer than a turn lasts, and back within a third of a second.
    def turned(seen: Expression, at_ms: float) -> Expression:
        share = max(0.0, min(1.0, (at_ms - 1000) / 300, (longest_ms + 2000 - at_ms) / 300))
        return replace(seen, yaw_deg=seen.yaw_deg + 30 * share)

    assert kinds(course(turned, lasts_ms=longest_ms + 3000)) == [LEFT, RIGHT]


def test_a_face_that_is_turned_when_it_appears_did_not_turn() -> None:
    (one,) = written(course(doing(LEFT, -1000, 3000), lasts_ms=4000))

    assert (one.kind, one.whole, one.start_ns) == (LEFT, False, 0)


def test_what_is_under_way_at_the_end_is_not_whole() -> None:
    (one,) = written(course(doing(RIGHT, 3000, 4000), lasts_ms=5000))

    assert (one.kind, one.whole) == (RIGHT, False)


def test_a_movement_during_which_the_face_was_out_of_sight_is_not_whole() -> None:
    gone = [one for one in course(doing(NOD, 2000, 2500)) if not 2800 < one.captured_ns / 1e6 < 3600]

    assert {(one.kind, one.whole) for one in written(gone)} == {(NOD, False)}
    assert kinds(course(doing(NOD, 2000, 2500))) == [NOD]


def test_the_next_face_is_measured_by_its_own_rest() -> None:
    diary = FaceDiary()
    for one in course(lasts_ms=2000, rest=Expression(0.12, 0.0, 0, 0.0, -8.0)):
        diary.see(one)
    diary.close()
    wide_open = course(lasts_ms=2000, rest=Expression(0.38, 0.3, 0, 0.0, 12.0))

    assert [one for seen in wide_open for one in diary.see(replace(seen, captured_ns=seen.captured_ns + 2_100_000_000))] == []
    assert diary.close() == ()
