"""Where the lamps ask, too: their answer lets the actions begin, denies when it stays wrong, and goes with its face."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from edge.decision import Case, decide
from edge.flow import ActionKind, ActionOutcome, LightAnswer, LivenessScore, MatchScore, Observation, Similarity
from edge.rules import Rules, rules_for
from edge.session.light_code import UNSEEN
from edge.session.states import Event, State
from edge.session.weigh import weigh
from tests.edge.observations import RULES, flawed, nobody, usable
from tests.edge.session.course import Course
from tests.edge.session.test_gather import OPEN, SHUT, ready, still_evidence
from tests.edge.session.test_light_code import code_of
from wire.reasons import Reason
from wire.result import Mode, Verdict

LIMIT = LivenessScore(0.5)
LIMITS = replace(RULES.thresholds, texture_lit=LIMIT, code=LIMIT, relief=LIMIT)
FULL = rules_for(replace(RULES, thresholds=LIMITS), Mode.FULL)
CODE = code_of(b"nonce", "LR")
LENGTH = len(CODE.symbols)
ENOUGH = FULL.light_passes * LENGTH - UNSEEN
"""So many symbols make an answer final."""


def answer(
    code: float | None = 0.9, relief: float | None = 0.9, symbols: int = LENGTH, hindrance: Reason | None = None
) -> LightAnswer:
    return LightAnswer(symbols, scored(code), scored(relief), hindrance)


def scored(number: float | None) -> LivenessScore | None:
    return None if number is None else LivenessScore(number)


def answered(at_ms: float, given: LightAnswer | None, track: int = 1) -> Observation:
    """A good face that has answered the lamps."""
    return replace(usable(at_ms, track), light="L", answer=given)


def gathered(rules: Rules = FULL) -> Course:
    """An attempt that has everything but an answer to the lamps, at 1000 ms."""
    course = Course(ActionKind.BLINK, ActionKind.NOD, rules=rules, code=CODE)
    course.take_all([*ready(), *still_evidence(200)])
    assert course.state is State.PROBING
    return course


def verdict(course: Course) -> tuple[Verdict, tuple[Reason, ...]]:
    """How the attempt is judged if the likeness is beyond doubt."""
    evidence, match = course.gatherer.evidence, MatchScore(Similarity(0.99), Similarity(0.5), Similarity(0.4))
    findings = weigh(evidence, FULL)
    decision = decide(Case(course.spoken[-1], None, course.gatherer.hindrance, evidence, findings, match, same_face=True))
    return decision.verdict, decision.reasons


def test_an_answer_that_convinces_lets_the_first_action_begin() -> None:
    assert gathered().take(answered(1100, answer())) is Event.ACTION_DUE


def test_without_an_answer_nothing_is_asked_for() -> None:
    course = gathered()

    course.take_all(answered(1100 + 100 * number, None) for number in range(100))

    assert course.spoken == [Event.FACE_READY]


@pytest.mark.parametrize(("code", "relief"), [(0.9, None), (None, 0.9), (None, None), (0.9, math.nan), (math.nan, 0.9)])
def test_half_an_answer_asks_for_nothing_and_denies_nothing(code: float | None, relief: float | None) -> None:
    course = gathered()

    course.take(answered(1100, answer(code, relief, 10 * ENOUGH)))

    assert course.spoken == [Event.FACE_READY]


def test_an_answer_alone_is_not_enough_where_texture_or_shots_are_missing() -> None:
    course = Course(ActionKind.BLINK, rules=FULL, code=CODE)
    course.take_all([*ready(), answered(150, answer())])

    for number, seen in enumerate(still_evidence(200)[RULES.texture_frames :]):
        assert course.take(seen) is None, number
    told = [course.take(usable(1100 + 100 * number, texture=0.99)) for number in range(3)]

    assert told == [None, None, Event.ACTION_DUE]


def test_fewer_shots_are_enough_for_asking_and_the_rest_are_taken_meanwhile() -> None:
    course = Course(ActionKind.BLINK, rules=FULL, code=CODE)
    course.take_all([*ready(), *(usable(200 + 50 * number, texture=0.99) for number in range(8)), answered(700, answer())])

    told = [course.take(usable(800 + 250 * number, shot=90)) for number in range(RULES.shots)]

    assert told.index(Event.ACTION_DUE) == FULL.shots_before_asking - 1
    assert len(course.gatherer.shots) == RULES.shots


@pytest.mark.parametrize(("code", "relief"), [(0.1, 0.9), (0.9, 0.1), (0.1, 0.1), (0.0, None)])
def test_an_answer_denies_only_after_the_lamps_have_asked_often_enough(code: float, relief: float | None) -> None:
    course = gathered()

    assert course.take(answered(1100, answer(code, relief, ENOUGH - 1))) is None
    assert course.take(answered(1200, answer(code, relief, ENOUGH))) is Event.ATTACK_SEEN
    assert verdict(course) == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))


def test_a_denial_needs_no_texture_and_no_shots() -> None:
    course = Course(ActionKind.BLINK, rules=FULL, code=CODE)
    course.take_all(ready())

    assert course.take(answered(150, answer(0.0, None, ENOUGH))) is Event.ATTACK_SEEN


def test_who_stirs_at_first_and_then_keeps_still_is_asked_on() -> None:
    course = gathered()
    course.take(answered(1100, answer(0.1, 0.1, ENOUGH - 1)))

    assert course.take(answered(1200, answer(0.9, 0.9, ENOUGH))) is Event.ACTION_DUE


def test_an_answer_that_turns_against_life_during_an_action_ends_the_attempt() -> None:
    course = gathered()
    course.take(answered(1100, answer(symbols=ENOUGH)))

    assert course.take(answered(1200, answer(0.1, 0.9, ENOUGH))) is Event.ATTACK_SEEN


def test_a_bench_that_goes_on_after_a_denial_hears_the_actions_and_denies_all_the_same() -> None:
    course = gathered(replace(FULL, ends_on_denial=False))

    assert course.take(answered(1100, answer(0.1, 0.9, ENOUGH))) is Event.ACTION_DUE
    course.take(usable(1100 + FULL.times.action_ms + 1, eyes_mouth=OPEN))

    assert course.spoken[-1] is Event.EVIDENCE_COMPLETE
    assert verdict(course) == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))


def test_lamps_that_fail_end_the_attempt_as_soon_as_they_have_asked_often_enough() -> None:
    course = gathered()

    assert course.take(answered(1100, answer(None, None, ENOUGH - 1, Reason.LIGHT_FAULT))) is None
    assert course.take(answered(1200, answer(None, None, ENOUGH, Reason.LIGHT_FAULT))) is Event.EVIDENCE_COMPLETE
    assert verdict(course) == (Verdict.ABORTED, (Reason.LIGHT_FAULT,))


@pytest.mark.parametrize("reason", [Reason.TOO_MUCH_AMBIENT, Reason.TOO_BRIGHT])
def test_a_place_that_drowns_the_lamps_can_be_mended_until_the_time_is_over(reason: Reason) -> None:
    course = gathered()

    course.take_all(answered(1100 + 500 * number, answer(None, None, 10 * ENOUGH, reason)) for number in range(100))

    assert course.spoken == [Event.FACE_READY, Event.EXPIRED]
    assert verdict(course) == (Verdict.REFUSED, (reason, Reason.TIMED_OUT))


def test_a_place_that_was_mended_lets_the_actions_begin() -> None:
    course = gathered()
    course.take(answered(1100, answer(None, None, ENOUGH, Reason.TOO_MUCH_AMBIENT)))

    assert course.take(answered(1200, answer())) is Event.ACTION_DUE


def test_an_answer_that_is_no_number_ends_with_the_time_and_is_a_fault_of_the_unit() -> None:
    course = gathered()

    course.take_all(answered(1100 + 500 * number, answer(math.nan, 0.9, ENOUGH)) for number in range(100))

    assert course.spoken[-1] is Event.EXPIRED
    assert verdict(course) == (Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))


def test_the_last_answer_counts() -> None:
    course = gathered(replace(FULL, shots_before_asking=9, shots=9))

    course.take_all([answered(1100, answer(0.9)), answered(1200, answer(0.8)), answered(1300, None)])

    assert course.gatherer.evidence.answer == answer(0.8)


def test_another_face_takes_nothing_of_the_answer() -> None:
    course = gathered(replace(FULL, shots_before_asking=9, shots=9))
    course.take(answered(1100, answer()))

    assert course.take(answered(1200, None, track=2)) is Event.FACE_LOST
    assert course.gatherer.evidence.answer is None


def test_another_face_takes_nothing_of_an_answer_that_was_given_before_the_face_was_ready() -> None:
    course = Course(ActionKind.BLINK, rules=FULL, code=CODE)
    course.take_all([answered(0, answer()), answered(33, None)])
    assert course.gatherer.evidence.answer == answer()

    course.take(answered(66, None, track=2))

    assert course.gatherer.evidence.answer is None


def dark(at_ms: float, seen: Observation | None = None) -> Observation:
    """A frame in which the code leaves the face in the dark."""
    return replace(seen or nobody(at_ms), light="0")


@pytest.mark.parametrize("seen", [nobody(40), flawed(40, Reason.TOO_DARK)])
def test_the_dark_of_the_code_is_nobodys_flaw(seen: Observation) -> None:
    course = Course(ActionKind.BLINK, rules=FULL, code=CODE)

    course.take_all([usable(0), usable(30), *[dark(40, seen)] * 9])

    assert course.gatherer.hindrance is None
    assert course.take(usable(60)) is Event.FACE_READY


def test_the_dark_while_the_face_is_probed_is_nobodys_flaw_either() -> None:
    course = gathered()

    course.take_all(dark(1000 + number) for number in range(100))

    assert course.gatherer.hindrance is None


def test_a_face_that_stays_in_the_dark_for_too_long_is_lost() -> None:
    course = gathered()
    last_ms = 200 + 50 * (RULES.texture_frames + RULES.shots - 1)

    assert course.take(dark(last_ms + FULL.times.lost_after_ms)) is None
    assert course.take(dark(last_ms + FULL.times.lost_after_ms + 1)) is Event.FACE_LOST


@pytest.mark.parametrize("light", ["L", "V", "?"])
def test_a_face_that_is_not_seen_in_the_light_is_a_hindrance(light: str) -> None:
    course = Course(ActionKind.BLINK, rules=FULL, code=CODE)

    course.take_all(replace(nobody(number), light=light) for number in range(3))

    assert course.gatherer.hindrance is Reason.NO_FACE


def test_where_the_lamps_ask_nothing_the_dark_is_a_hindrance() -> None:
    course = Course(ActionKind.BLINK)

    course.take_all(dark(number) for number in range(3))

    assert course.gatherer.hindrance is Reason.NO_FACE


def test_who_answers_the_lamps_and_does_both_actions_is_accepted() -> None:
    course = Course(ActionKind.BLINK, ActionKind.OPEN_MOUTH, rules=FULL, code=CODE)
    course.take_all([*ready(), *still_evidence(200), answered(1100, answer())])

    blink = [usable(1200 + 33 * number, eyes_mouth=SHUT if 9 < number < 15 else OPEN) for number in range(18)]
    mouth = [usable(1900 + 33 * number, eyes_mouth=(0.3, 0.8) if 9 < number < 25 else OPEN) for number in range(30)]
    course.take_all([*blink, *mouth])

    assert course.spoken == [Event.FACE_READY, Event.ACTION_DUE, Event.ACTION_DUE, Event.EVIDENCE_COMPLETE]
    assert course.gatherer.evidence.outcome is ActionOutcome.DONE
    assert verdict(course) == (Verdict.ACCEPTED, ())
