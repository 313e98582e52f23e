"""One instruction at a time: the worst flaw, once it lasts, long enough to be read, without flicker (R67, R68)."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from edge.flow import Observation
from edge.guide import PERSISTS_NS, SHOWN_AT_LEAST_NS, Guide
from tests.edge.observations import MS, flawed, nobody, usable
from wire.reasons import Reason

FRAME_MS = 1000 / 30


def advised(course: Iterable[Observation]) -> list[tuple[float, Reason | None]]:
    """Times in milliseconds at which the instruction changed, and to what."""
    guide, changes, last = Guide(), [], None
    for seen in course:
        advice = guide.advise(seen)
        assert advice is guide.shown
        if advice is not last:
            changes.append((seen.captured_ns / MS, advice))
            last = advice
    return changes


def lasting(reason: Reason | None, start_ms: float, end_ms: float) -> Iterable[Observation]:
    at_ms = start_ms
    while at_ms < end_ms:
        yield nobody(at_ms) if reason is Reason.NO_FACE else flawed(at_ms, reason) if reason else usable(at_ms)
        at_ms += FRAME_MS


def test_a_flaw_is_named_once_it_lasts() -> None:
    ((at_ms, reason),) = advised(lasting(Reason.TOO_DARK, 0, 1000))

    assert reason is Reason.TOO_DARK
    assert PERSISTS_NS / MS <= at_ms < PERSISTS_NS / MS + 2 * FRAME_MS


def test_a_flaw_of_a_moment_is_not_worth_a_word() -> None:
    assert advised([*lasting(None, 0, 500), *lasting(Reason.HOLD_STILL, 500, 700), *lasting(None, 700, 2000)]) == []


def test_nobody_is_told_anything_while_all_is_well() -> None:
    assert advised(lasting(None, 0, 5000)) == []


def test_the_worst_flaw_is_the_one_that_is_named() -> None:
    ((_, reason),) = advised(flawed(100 * n, Reason.TOO_FAR, Reason.TOO_DARK, Reason.OFF_CENTRE) for n in range(10))

    assert reason is Reason.TOO_FAR


def test_an_instruction_stays_long_enough_to_be_read_also_when_it_was_followed_at_once() -> None:
    (shown_ms, first), (gone_ms, then) = advised([*lasting(Reason.TOO_FAR, 0, 400), *lasting(None, 400, 4000)])

    assert (first, then) == (Reason.TOO_FAR, None)
    assert gone_ms - shown_ms >= SHOWN_AT_LEAST_NS / MS


def test_the_next_instruction_waits_until_the_first_was_read() -> None:
    (first_ms, first), (second_ms, second) = advised([*lasting(Reason.TOO_FAR, 0, 400), *lasting(Reason.TOO_DARK, 400, 4000)])

    assert (first, second) == (Reason.TOO_FAR, Reason.TOO_DARK)
    assert second_ms - first_ms >= SHOWN_AT_LEAST_NS / MS


def test_a_face_that_comes_and_goes_from_frame_to_frame_makes_no_flicker() -> None:
    flickering = [nobody(n * FRAME_MS) if n % 2 else usable(n * FRAME_MS) for n in range(300)]

    assert advised(flickering) == []


def test_flaws_that_take_turns_leave_the_instruction_standing() -> None:
    turns = [flawed(1000 + n * FRAME_MS, (Reason.TOO_FAR, Reason.TOO_DARK)[n % 2]) for n in range(300)]

    assert [reason for _, reason in advised([*lasting(Reason.OFF_CENTRE, 0, 1000), *turns])] == [Reason.OFF_CENTRE]


@pytest.mark.parametrize("seed", range(30))
def test_no_instruction_ever_changes_faster_than_it_can_be_read(seed: int) -> None:
    dice, at_ms, course = random.Random(seed), 0.0, []
    while at_ms < 30_000:
        reason = dice.choice([None, Reason.NO_FACE, Reason.TOO_FAR, Reason.HOLD_STILL])
        until_ms = at_ms + dice.choice([30, 200, 400, 900, 2500])
        course.extend(lasting(reason, at_ms, until_ms))
        at_ms = until_ms

    changes = advised(course)

    assert len(changes) > 3
    shown = [at_ms for at_ms, _ in changes]
    for (earlier_ms, reason), later_ms in zip(changes, shown[1:], strict=False):
        assert reason is None or later_ms - earlier_ms >= SHOWN_AT_LEAST_NS / MS - 0.01


def test_an_instruction_that_does_not_help_gives_way_to_a_call_for_help_and_comes_back() -> None:
    guide, calls = Guide(), []
    for seen in lasting(Reason.TOO_DARK, 0, 32_000):
        assert guide.advise(seen) in (None, Reason.TOO_DARK)
        if guide.calls_staff != (calls[-1][1] if calls else False):
            calls.append((seen.captured_ns / MS, guide.calls_staff))

    assert [called for _, called in calls] == [True, False, True]
    assert [at_ms for at_ms, _ in calls] == pytest.approx([10_300, 20_300, 30_300], abs=100)


def test_somebody_who_follows_and_errs_anew_is_told_the_remedy_first() -> None:
    guide = Guide()
    for seen in [*lasting(Reason.TOO_FAR, 0, 9_000), *lasting(Reason.TOO_CLOSE, 9_000, 18_000)]:
        guide.advise(seen)
        assert not guide.calls_staff


def test_before_an_empty_seat_nobody_is_called() -> None:
    guide = Guide()
    for seen in lasting(Reason.NO_FACE, 0, 15_000):
        guide.advise(seen)
        assert not guide.calls_staff
