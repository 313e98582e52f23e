"""The challenge on scripted tracks of eyes and mouth: done, too fast, too slow, another one, none (R21, R22, R33)."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import pytest

from edge.flow import ActionKind, ActionOutcome, Expression
from edge.session.actions import ActionWatch
from tests.edge.observations import MS

Track = Callable[[float], tuple[float, float]]
"""Eyes and mouth at a time in milliseconds."""

BLINK_MS, MOUTH_MS = 300.0, 900.0
"""How long the scripted actions last at their own speed."""
EYES_OPEN, EYES_SHUT, MOUTH_OPEN = 0.30, 0.04, 0.85


def bump(at_ms: float, start_ms: float, lasts_ms: float) -> float:
    """0 outside, 1 in the middle, with slopes of a quarter each."""
    part = (at_ms - start_ms) / lasts_ms
    return max(0.0, min(1.0, 4 * part, 4 * (1 - part)))


def blinking(speed: float, start_ms: float = 1000, resting: float = EYES_OPEN, shut: float = EYES_SHUT) -> Track:
    return lambda at_ms: (resting - (resting - shut) * bump(at_ms, start_ms, BLINK_MS / speed), 0.0)


def mouth_opening(speed: float, start_ms: float = 1000) -> Track:
    return lambda at_ms: (EYES_OPEN, MOUTH_OPEN * bump(at_ms, start_ms, MOUTH_MS / speed))


def frames(track: Track, fps: float = 30, start_ms: float = 0, lasts_ms: float = 8000) -> Iterator[Expression]:
    """What the camera sees of a track, with the noise of the landmarks."""
    noise = random.Random(7)
    for number in range(round(lasts_ms * fps / 1000)):
        at_ms = start_ms + number * 1000 / fps
        eyes, mouth = track(at_ms)
        yield Expression(eyes + noise.gauss(0, 0.006), max(0.0, mouth + noise.gauss(0, 0.01)), round(at_ms * MS))


def watched(asked: ActionKind, seen: Iterator[Expression]) -> ActionOutcome:
    """How a watch judges all of it."""
    watch = ActionWatch(asked)
    for frame in seen:
        watch.see(frame)
    return watch.outcome


@pytest.mark.parametrize("fps", [12, 15, 30, 60])
@pytest.mark.parametrize("speed", [0.5, 1, 3])
def test_a_blink_counts_at_half_single_and_triple_speed(speed: float, fps: float) -> None:
    assert watched(ActionKind.BLINK, frames(blinking(speed), fps)) is ActionOutcome.DONE


@pytest.mark.parametrize("fps", [5, 12, 30])
@pytest.mark.parametrize("speed", [0.5, 1, 3])
def test_an_open_mouth_counts_at_half_single_and_triple_speed(speed: float, fps: float) -> None:
    if fps == 5 and speed == 3:
        speed = 2  # Two pictures of it at least.
    assert watched(ActionKind.OPEN_MOUTH, frames(mouth_opening(speed), fps)) is ActionOutcome.DONE


@pytest.mark.parametrize("resting", [0.12, 0.18, 0.45])
@pytest.mark.parametrize("speed", [0.5, 1, 3])
def test_drooping_lids_and_wide_eyes_can_blink_too(resting: float, speed: float) -> None:
    assert watched(ActionKind.BLINK, frames(blinking(speed, resting=resting))) is ActionOutcome.DONE


@pytest.mark.parametrize(("asked", "track"), [(ActionKind.BLINK, blinking(6)), (ActionKind.OPEN_MOUTH, mouth_opening(8))])
def test_an_action_that_is_too_fast_is_called_so(asked: ActionKind, track: Track) -> None:
    assert watched(asked, frames(track, fps=60)) is ActionOutcome.TOO_FAST


@pytest.mark.parametrize(("asked", "track"), [(ActionKind.BLINK, blinking(0.15)), (ActionKind.OPEN_MOUTH, mouth_opening(0.15))])
def test_an_action_that_is_too_slow_is_called_so(asked: ActionKind, track: Track) -> None:
    assert watched(asked, frames(track, lasts_ms=12_000)) is ActionOutcome.TOO_SLOW


def test_an_open_mouth_is_the_wrong_answer_to_a_blink() -> None:
    assert watched(ActionKind.BLINK, frames(mouth_opening(1))) is ActionOutcome.WRONG


def test_blinking_is_no_wrong_answer_because_people_always_blink() -> None:
    assert watched(ActionKind.OPEN_MOUTH, frames(blinking(1))) is ActionOutcome.PENDING


@pytest.mark.parametrize("asked", ActionKind)
def test_who_holds_still_misses_the_action(asked: ActionKind) -> None:
    watch = ActionWatch(asked)
    for frame in frames(lambda _: (EYES_OPEN, 0.0)):
        watch.see(frame)

    assert watch.outcome is ActionOutcome.PENDING
    assert watch.give_up() is ActionOutcome.MISSED
    assert watch.outcome is ActionOutcome.MISSED


def test_eyes_that_narrow_are_no_blink() -> None:
    assert watched(ActionKind.BLINK, frames(blinking(1, shut=0.24))) is ActionOutcome.PENDING


def test_eyes_that_stay_shut_are_no_blink() -> None:
    def falling_asleep(at_ms: float) -> tuple[float, float]:
        return EYES_OPEN if at_ms < 1000 else EYES_SHUT, 0.0

    assert watched(ActionKind.BLINK, frames(falling_asleep)) is ActionOutcome.PENDING


def test_talking_is_no_open_mouth() -> None:
    def talking(at_ms: float) -> tuple[float, float]:
        return EYES_OPEN, 0.15 + 0.15 * math.sin(at_ms / 60)

    assert watched(ActionKind.OPEN_MOUTH, frames(talking)) is ActionOutcome.PENDING


@pytest.mark.parametrize("first", [blinking(6), blinking(0.15), mouth_opening(1)])
def test_a_failed_try_can_be_made_good(first: Track) -> None:
    watch = ActionWatch(ActionKind.BLINK)
    for frame in frames(first, fps=60, lasts_ms=4000):
        watch.see(frame)
    assert watch.outcome not in (ActionOutcome.DONE, ActionOutcome.PENDING)

    for frame in frames(blinking(1, start_ms=5000), start_ms=4000):
        watch.see(frame)

    assert watch.outcome is ActionOutcome.DONE


def test_a_failed_try_keeps_its_word_when_the_time_is_over() -> None:
    watch = ActionWatch(ActionKind.BLINK)
    for frame in frames(mouth_opening(1)):
        watch.see(frame)

    assert watch.give_up() is ActionOutcome.WRONG


def test_what_was_done_stays_done() -> None:
    watch = ActionWatch(ActionKind.BLINK)
    for frame in [*frames(blinking(1), lasts_ms=2000), *frames(mouth_opening(1, start_ms=3000), start_ms=2000)]:
        watch.see(frame)

    assert watch.outcome is ActionOutcome.DONE
    assert watch.give_up() is ActionOutcome.DONE


def test_an_action_in_the_very_first_frames_does_not_count() -> None:
    """Without a resting face to compare with there is no action; a recording may well begin in the middle of one."""
    assert watched(ActionKind.BLINK, frames(blinking(1, start_ms=-60))) is ActionOutcome.PENDING


@pytest.mark.parametrize(("asked", "track"), [(ActionKind.BLINK, blinking(0.4)), (ActionKind.OPEN_MOUTH, mouth_opening(1))])
def test_an_action_during_which_the_face_was_out_of_sight_does_not_count(asked: ActionKind, track: Track) -> None:
    in_sight = (frame for frame in frames(track) if not 1300 < frame.captured_ns / MS < 1950)

    assert watched(asked, in_sight) is ActionOutcome.PENDING


def test_a_frame_that_is_missing_in_the_middle_does_no_harm() -> None:
    in_sight = (frame for frame in frames(blinking(0.5)) if not 1200 < frame.captured_ns / MS < 1300)

    assert watched(ActionKind.BLINK, in_sight) is ActionOutcome.DONE


@pytest.mark.parametrize("asked", ActionKind)
def test_numbers_that_are_none_are_no_action(asked: ActionKind) -> None:
    assert watched(asked, frames(lambda _: (math.nan, math.nan))) is ActionOutcome.PENDING
