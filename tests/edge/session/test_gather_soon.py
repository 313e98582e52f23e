"""Who is to act is asked soon, and seen until there is enough to compare: shots, probes, and what of it all is done (R36)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.flow import ActionKind, ActionOutcome, Cue, CueKind, LivenessScore
from edge.session.states import Event
from tests.edge.observations import RULES, usable
from tests.edge.session.course import Course, frames, ready, still_evidence

SHUT = (0.05, 0.0)


def test_an_action_is_asked_for_as_soon_as_there_are_shots_enough_and_the_rest_come_while_it_is_done() -> None:
    course = Course(ActionKind.BLINK)
    course.take_all(ready())
    enough = RULES.texture_frames + RULES.shots_before_asking
    *before, last = still_evidence(200)[:enough]
    course.take_all(before)

    assert course.gatherer.evidence.outcome is ActionOutcome.NOT_ASKED
    assert course.gatherer.done == pytest.approx((RULES.shots_before_asking - 1) / RULES.shots_before_asking / 2)
    assert course.take(last) is Event.ACTION_DUE
    assert course.gatherer.evidence.outcome is ActionOutcome.PENDING
    assert course.take_all(still_evidence(200)[enough:]) is Event.ACTION_DUE
    assert len(course.gatherer.shots) == RULES.shots


def test_an_action_waits_for_a_texture_that_is_not_judged_yet() -> None:
    course = Course(ActionKind.BLINK)
    course.take_all(ready())
    probes, shots = still_evidence(200)[: RULES.texture_frames], still_evidence(200)[RULES.texture_frames :]

    assert course.take_all(probes[:1] + shots) is Event.FACE_READY
    assert course.take_all(still_evidence(1000)[: RULES.texture_frames]) is Event.ACTION_DUE


def test_a_shot_is_probed_once_the_probe_of_its_very_frame_has_spoken_which_may_be_a_frame_later() -> None:
    course = Course()
    course.take_all(ready())
    probed, unspoken, plain = (usable(at_ms, shot=90) for at_ms in (200, 500, 800))
    spoken = Cue(CueKind.TEXTURE, LivenessScore(0.99), probed.captured_ns)
    later = replace(usable(233), texture=spoken)

    course.take_all([replace(probed, probing=True), later, replace(unspoken, probing=True), plain])

    assert [shot.probed for shot in course.gatherer.shots] == [True, False, False]


def test_what_is_done_grows_with_the_shots_and_then_with_each_action_and_is_whole_after_the_last() -> None:
    course = Course(ActionKind.BLINK, ActionKind.OPEN_MOUTH)
    course.take_all([*ready(), *still_evidence(200)])
    asked = course.gatherer.done
    course.take_all([*frames(1000, 1400), *frames(1400, 1600, SHUT), *frames(1600, 1900)])
    second = course.gatherer.done
    course.take_all([*frames(1900, 2100), *frames(2100, 2700, (0.3, 0.6)), *frames(2700, 3000)])

    assert course.spoken[-1] is Event.EVIDENCE_COMPLETE
    assert [asked, second, course.gatherer.done] == [pytest.approx(share / 3) for share in (1, 2, 3)]


def quick() -> Course:
    """Somebody who blinked before there were shots enough to compare."""
    course = Course(ActionKind.BLINK)
    course.take_all([*ready(), *still_evidence(200)[: RULES.texture_frames + RULES.shots_before_asking]])
    course.take_all([*frames(700, 1000), *frames(1000, 1200, SHUT), *frames(1200, 1400)])
    assert course.gatherer.evidence.outcome is ActionOutcome.DONE
    return course


def test_who_is_quick_is_seen_until_there_are_all_shots_to_compare() -> None:
    course = quick()
    left = [usable(1400 + 50 * number, shot=90) for number in range(RULES.shots - RULES.shots_before_asking)]

    assert course.take_all(left[:-1]) is Event.ACTION_DUE
    assert course.take(left[-1]) is Event.EVIDENCE_COMPLETE
    assert course.gatherer.evidence.outcome is ActionOutcome.DONE
    assert len(course.gatherer.shots) == RULES.shots


def test_another_face_that_comes_after_a_quick_answer_has_answered_nothing() -> None:
    course = quick()

    assert course.take(usable(1433, track=2, shot=90)) is Event.FACE_LOST
    assert course.gatherer.evidence.outcome is not ActionOutcome.DONE
    assert course.gatherer.shots == ()
