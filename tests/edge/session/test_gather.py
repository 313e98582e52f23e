"""Observations become events: when the face is ready, when it is lost, when there is enough, and what stood in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.flow import ActionKind, ActionOutcome, Observation, Shot
from edge.session.gather import spread_out
from edge.session.states import Event, State
from tests.edge.observations import MS, RULES, flawed, nobody, usable
from tests.edge.session.course import OPEN, Course, frames, ready, still_evidence
from wire.reasons import Reason

SHUT = (0.05, 0.0)


def test_a_face_is_ready_after_steady_frames_and_not_before() -> None:
    course = Course()

    events = [course.take(seen) for seen in ready()]

    assert events == [None, None, Event.FACE_READY]


@pytest.mark.parametrize("between", [nobody(40), flawed(40, Reason.TOO_DARK), usable(40, track=2)])
def test_readiness_counts_only_frames_in_a_row_of_one_face(between: Observation) -> None:
    course = Course()

    course.take_all([usable(0), usable(30), between, usable(60), usable(90)])

    assert course.spoken == []
    assert course.take(usable(120)) is Event.FACE_READY


def test_while_the_visitor_holds_still_evidence_is_complete_with_texture_and_shots() -> None:
    course = Course()
    course.take_all(ready())

    *before, last = still_evidence(200)
    course.take_all(before)

    assert course.spoken == [Event.FACE_READY]
    assert course.take(last) is Event.EVIDENCE_COMPLETE
    assert course.gatherer.evidence.texture == pytest.approx(0.99)
    assert len(course.gatherer.shots) == RULES.shots


def test_too_few_probes_are_no_texture_at_all() -> None:
    course = Course()
    course.take_all(ready())

    course.take_all(still_evidence(200)[: RULES.texture_least - 1])

    assert course.gatherer.evidence.texture is None
    assert course.gatherer.evidence.texture_frames == RULES.texture_least - 1


def test_a_doubtful_texture_takes_all_the_probes_and_then_falls_to_the_side_it_leans_to() -> None:
    course = Course()
    course.take_all(ready())

    for number in range(RULES.texture_frames - 1):
        course.take(usable(200 + 100 * number, texture=0.92))
        assert course.gatherer.evidence.texture is None
    course.take(usable(2000, texture=0.92))

    assert course.gatherer.evidence.texture == pytest.approx(0.92)


def test_a_single_doubtful_probe_turns_nothing_and_is_counted_all_the_same() -> None:
    course = Course()
    course.take_all(ready())

    course.take_all([*(usable(200 + n, texture=0.99) for n in range(7)), usable(300, texture=0.2)])

    assert course.gatherer.evidence.texture is not None
    assert 0.9 < course.gatherer.evidence.texture < 0.99
    assert course.gatherer.evidence.texture_frames == 8


def test_shots_stay_spread_over_the_time_and_of_neighbours_the_better_one_stays() -> None:
    course = Course(rules=replace(RULES, shots=3))
    course.take_all(ready())

    course.take_all(usable(at_ms, shot=quality) for at_ms, quality in ((200, 40), (210, 90), (700, 60), (1200, 50), (1900, 95)))

    assert [(shot.captured_ns // MS, shot.quality) for shot in course.gatherer.shots] == [(210, 90), (1200, 50), (1900, 95)]


@given(qualities=st.lists(st.integers(0, 100), min_size=1, max_size=40), most=st.integers(1, 9))
@example(qualities=list(range(40)), most=8)
@example(qualities=[0, 1, 2, 3, 0, 0], most=3)
def test_shots_cover_at_least_half_of_the_time_they_were_taken_in(qualities: list[int], most: int) -> None:
    taken: list[Shot] = []
    for number, quality in enumerate(qualities):
        taken = spread_out([*taken, Shot((), quality, number * 200 * MS)], most)

    assert len(taken) == min(most, len(qualities))
    times = [shot.captured_ns // (200 * MS) for shot in taken]
    assert times == sorted(set(times))
    if most > 2:
        assert times[-1] - times[0] >= (len(qualities) - 1) / 2


def test_another_face_drops_what_was_seen_of_the_first() -> None:
    course = Course()
    course.take_all([*ready(), *still_evidence(200)[:-1]])

    event = course.take(usable(800, track=2))

    assert event is Event.FACE_LOST
    assert course.state is State.ACQUIRING
    assert course.gatherer.shots == ()
    assert course.gatherer.evidence.texture_frames == 0


def test_another_face_that_cannot_be_used_drops_it_as_well() -> None:
    course = Course()
    course.take_all([*ready(), *still_evidence(200)[:-1]])

    assert course.take(flawed(800, Reason.TOO_FAR, track=2)) is Event.FACE_LOST


@pytest.mark.parametrize("gap", [nobody, lambda at_ms: flawed(at_ms, Reason.TOO_DARK)])
def test_a_face_is_lost_when_it_cannot_be_used_for_longer_than_the_limit(gap: object) -> None:
    make = gap if callable(gap) else nobody
    course = Course()
    course.take_all([*ready(), usable(100)])
    limit_ms = RULES.times.lost_after_ms

    assert course.take(make(100 + limit_ms)) is None
    assert course.take(make(101 + limit_ms)) is Event.FACE_LOST


def test_a_face_is_lost_also_when_its_last_good_frame_was_the_first_of_the_recording() -> None:
    course = Course(rules=replace(RULES, steady_frames=1))
    course.take(usable(0))

    assert course.take(nobody(RULES.times.lost_after_ms + 1)) is Event.FACE_LOST


def test_a_short_gap_loses_nothing() -> None:
    course = Course()
    course.take_all([*ready(), usable(100, texture=0.9), nobody(200), flawed(500, Reason.HOLD_STILL), usable(700, texture=0.8)])

    assert course.spoken == [Event.FACE_READY]
    assert course.gatherer.evidence.texture_frames == 2


def losing_the_face_again_and_again() -> Iterator[Observation]:
    at_ms = 0.0
    while True:
        yield from ready(at_ms=at_ms)
        yield nobody(at_ms + 1000)
        at_ms += 1100


def test_an_attempt_is_timed_from_its_start_and_losing_the_face_buys_no_time() -> None:
    course = Course()
    first_late_ms = 0.0
    for seen in losing_the_face_again_and_again():
        if course.take(seen) is Event.EXPIRED:
            first_late_ms = seen.captured_ns / 1e6
            break

    assert Event.FACE_LOST in course.spoken
    assert RULES.times.attempt_ms < first_late_ms <= RULES.times.attempt_ms + 1100
    assert course.state is State.CONCLUDED


def test_the_time_begins_with_the_first_frame_whatever_the_camera_calls_it() -> None:
    course = Course()
    start_ms = 3_600_000.0

    course.take(nobody(start_ms))

    assert course.take(nobody(start_ms + RULES.times.attempt_ms)) is None
    assert course.take(nobody(start_ms + RULES.times.attempt_ms + 1)) is Event.EXPIRED


def test_a_texture_that_speaks_against_life_ends_the_attempt_at_once_without_waiting_for_shots() -> None:
    course = Course(ActionKind.BLINK)
    course.take_all(ready())

    course.take_all(still_evidence(200, texture=0.2)[: RULES.texture_frames])

    assert course.spoken[-1] is Event.ATTACK_SEEN
    assert course.state is State.CONCLUDED
    assert course.gatherer.shots == ()


def test_a_texture_that_turns_against_life_during_the_action_ends_the_attempt_at_once() -> None:
    course = challenged()

    told = [course.take(usable(800 + 100 * number, texture=0.0, eyes_mouth=OPEN)) for number in range(9)]

    assert Event.ATTACK_SEEN in told
    assert set(told) == {None, Event.ATTACK_SEEN}


def challenged(asked: ActionKind = ActionKind.BLINK) -> Course:
    """An attempt in which the action was just asked for, at 700 ms."""
    course = Course(asked)
    course.take_all([*ready(), *still_evidence(200)])
    assert course.state is State.CHALLENGING
    return course


def test_a_blink_that_was_asked_for_completes_the_evidence() -> None:
    course = challenged()

    event = course.take_all([*frames(800, 1100), *frames(1100, 1300, SHUT), *frames(1300, 1500)])

    assert event is Event.EVIDENCE_COMPLETE
    assert course.gatherer.evidence.outcome is ActionOutcome.DONE


def test_an_action_that_does_not_come_ends_the_attempt_after_its_time() -> None:
    course = challenged()

    event = course.take_all(frames(750, 60_000))

    assert event is Event.EVIDENCE_COMPLETE
    assert course.gatherer.evidence.outcome is ActionOutcome.MISSED


def test_the_time_for_an_action_begins_when_it_is_asked_for() -> None:
    course = challenged()
    asked_ms = 200.0 + 50 * (RULES.texture_frames + RULES.shots_before_asking - 1)

    assert course.take(usable(asked_ms + RULES.times.action_ms, eyes_mouth=OPEN)) is None
    assert course.take(usable(asked_ms + RULES.times.action_ms + 1, eyes_mouth=OPEN)) is Event.EVIDENCE_COMPLETE


def test_a_blink_before_it_was_asked_for_does_not_count() -> None:
    course = Course(ActionKind.BLINK)
    course.take_all(ready())

    course.take_all([*frames(150, 400), *frames(400, 600, SHUT), *frames(600, 800)])

    assert course.gatherer.evidence.outcome is ActionOutcome.NOT_ASKED


def test_a_face_lost_in_the_middle_of_an_action_must_begin_anew() -> None:
    course = challenged()
    course.take_all([*frames(800, 1100), *frames(1100, 1200, SHUT)])

    course.take_all([nobody(1250), nobody(2000), *ready(at_ms=2100), *still_evidence(2300)])
    course.take_all(frames(2900, 3200))

    assert course.spoken[2:] == [Event.FACE_LOST, Event.FACE_READY, Event.ACTION_DUE]
    assert course.gatherer.evidence.outcome is ActionOutcome.PENDING


def test_an_action_that_was_done_is_forgotten_with_its_face() -> None:
    course = challenged()
    course.take_all([*frames(800, 1100), *frames(1100, 1300, SHUT), *frames(1300, 1500)])
    assert course.gatherer.evidence.outcome is ActionOutcome.DONE

    course.gatherer.forget()

    assert course.gatherer.evidence.outcome is ActionOutcome.PENDING


def test_a_failed_action_keeps_its_word_when_the_face_is_lost() -> None:
    course = challenged()
    course.take_all([*frames(800, 1100), *frames(1100, 1600, (0.30, 0.8)), *frames(1600, 1700)])

    course.take(nobody(3000))

    assert course.gatherer.evidence.outcome is ActionOutcome.WRONG


def any_course() -> st.SearchStrategy[list[tuple[float, int | None, str]]]:
    """Steps of milliseconds, track or nobody, and what the frame brings."""
    step = st.tuples(
        st.sampled_from([10.0, 33.0, 120.0, 750.0]),
        st.sampled_from([1, 1, 1, 1, 2, 3, None]),
        st.sampled_from(["texture", "texture", "shot", "flaw", "open", "shut", "mouth"]),
    )
    return st.lists(step, min_size=5, max_size=120)


def observation(at_ms: float, track: int | None, brings: str) -> Observation:
    """An observation whose evidence bears the number of its track: texture 0.01, shot quality 1 for track 1."""
    if track is None:
        return nobody(at_ms)
    if brings == "flaw":
        return flawed(at_ms, Reason.TOO_DARK, track=track)
    return usable(
        at_ms,
        track,
        texture=track / 100 if brings == "texture" else None,
        shot=track if brings == "shot" else None,
        eyes_mouth={"open": OPEN, "shut": SHUT, "mouth": (0.30, 0.8)}.get(brings),
    )


@pytest.mark.parametrize("asked", [(), *((kind,) for kind in ActionKind)])
@given(steps=any_course())
def test_no_evidence_ever_survives_a_change_of_the_face(
    asked: tuple[ActionKind, ...], steps: list[tuple[float, int | None, str]]
) -> None:
    rules = replace(RULES, texture_least=1, texture_frames=2, shots=2)
    course, at_ms, last_track = Course(*asked, rules=rules), 0.0, None
    for apart_ms, track, brings in steps:
        at_ms += apart_ms
        course.take(observation(at_ms, track, brings))
        last_track = track if track is not None else last_track
        gathered = course.gatherer
        texture = gathered.evidence.texture

        assert texture is None or texture == pytest.approx((last_track or 0) / 100)
        assert {shot.quality for shot in gathered.shots} <= {last_track}
        if course.state is State.CONCLUDED:
            break


@given(steps=any_course())
def test_nothing_is_asked_or_concluded_before_texture_and_shots_are_complete_unless_the_texture_denies(
    steps: list[tuple[float, int | None, str]],
) -> None:
    rules = replace(RULES, texture_least=1, texture_frames=2, shots=2)
    course, at_ms = Course(ActionKind.BLINK, rules=rules), 0.0
    for apart_ms, track, brings in steps:
        at_ms += apart_ms
        event = course.take(observation(at_ms, track, brings))
        texture = course.gatherer.evidence.texture
        if event in (Event.ACTION_DUE, Event.EVIDENCE_COMPLETE):
            assert texture is not None
            assert texture >= rules.thresholds.texture
            assert len(course.gatherer.shots) == rules.shots
        if event is Event.ATTACK_SEEN:
            assert texture is not None
            assert texture < rules.thresholds.texture
        if course.state is State.CONCLUDED:
            break
