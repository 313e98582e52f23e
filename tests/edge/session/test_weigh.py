"""Each cue is held against its own threshold: it can deny, be missing or be broken, and none makes up for another."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.flow import ActionKind, ActionOutcome, CueFinding, CueKind, LightAnswer, LivenessEvidence, LivenessScore, Standing
from edge.rules import NOBODY_LIVES, Rules, rules_for
from edge.session.weigh import denies, weigh
from tests.edge.observations import RULES
from wire.reasons import Reason
from wire.result import Mode

LIMIT = LivenessScore(0.5)
LIMITS = replace(RULES.thresholds, texture_lit=LIMIT, code=LIMIT, relief=LIMIT)
FULL = rules_for(replace(RULES, thresholds=LIMITS), Mode.FULL)
SCORED = (CueKind.TEXTURE, CueKind.CODE, CueKind.RELIEF)
NO_NUMBERS = (math.nan, math.inf, -math.inf)


def evidence(**changes: float | None) -> LivenessEvidence:
    """Of a visitor who lives beyond doubt, but for these cues."""
    scores = {kind.value: None if score is None else LivenessScore(score) for kind, score in _good(changes).items()}
    answer = LightAnswer(32, scores["code"], scores["relief"], None)
    return LivenessEvidence(scores["texture"], 8, (ActionKind.NOD,), ActionOutcome.DONE, answer)


def _good(changes: dict[str, float | None]) -> dict[CueKind, float | None]:
    return {kind: changes.get(kind.value, 0.99) for kind in SCORED}


def found(seen: LivenessEvidence, rules: Rules = FULL) -> dict[CueKind, CueFinding]:
    return {one.kind: one for one in weigh(seen, rules)}


def test_who_does_all_that_is_asked_for_is_not_denied() -> None:
    findings = weigh(evidence(), FULL)

    assert {one.kind: one.standing for one in findings} == dict.fromkeys(CueKind, Standing.NOT_DENIED)
    assert not denies(findings)


@pytest.mark.parametrize("kind", SCORED)
def test_a_cue_below_its_threshold_denies_however_high_the_others_are(kind: CueKind) -> None:
    findings = found(evidence(**{kind.value: 0.4999}))

    assert findings.pop(kind) == CueFinding(kind, Standing.DENIED, LivenessScore(0.4999), LIMIT)
    assert {one.standing for one in findings.values()} == {Standing.NOT_DENIED}


@pytest.mark.parametrize("kind", SCORED)
def test_a_cue_at_its_threshold_does_not_deny(kind: CueKind) -> None:
    assert found(evidence(**{kind.value: 0.5}))[kind].standing is Standing.NOT_DENIED


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize("kind", SCORED)
def test_a_cue_that_is_no_number_is_broken_and_tells_no_score(kind: CueKind, number: float) -> None:
    assert found(evidence(**{kind.value: number}))[kind] == CueFinding(kind, Standing.BROKEN, None, LIMIT)


@pytest.mark.parametrize("kind", SCORED)
def test_a_cue_that_did_not_speak_is_missing(kind: CueKind) -> None:
    assert found(evidence(**{kind.value: None}))[kind] == CueFinding(kind, Standing.MISSING, None, LIMIT)


@pytest.mark.parametrize("reason", [Reason.LIGHT_FAULT, Reason.TOO_MUCH_AMBIENT, Reason.TOO_BRIGHT])
def test_what_keeps_the_lamps_from_being_answered_is_why_their_cues_are_missing(reason: Reason) -> None:
    findings = found(replace(evidence(), answer=LightAnswer(32, None, None, reason)))

    assert [(findings[kind].standing, findings[kind].reason) for kind in (CueKind.CODE, CueKind.RELIEF)] == [
        (Standing.MISSING, reason)
    ] * 2


def test_without_any_answer_to_the_lamps_both_of_their_cues_are_missing() -> None:
    findings = found(replace(evidence(), answer=None))

    assert {kind for kind, one in findings.items() if one.standing is Standing.MISSING} == {CueKind.CODE, CueKind.RELIEF}


@pytest.mark.parametrize("limit", ["texture", "code", "relief"])
def test_a_threshold_that_is_no_number_denies_everybody(limit: str) -> None:
    rules = replace(FULL, thresholds=replace(FULL.thresholds, **{limit: LivenessScore(math.nan)}))  # type: ignore[arg-type]

    assert found(evidence(**{limit: 1.0}), rules)[CueKind(limit)].standing is Standing.DENIED


@pytest.mark.parametrize("kind", [CueKind.CODE, CueKind.RELIEF])
def test_a_cue_for_which_no_threshold_ships_denies_everybody(kind: CueKind) -> None:
    rules = rules_for(RULES, Mode.FULL)

    assert found(evidence(**{kind.value: 1.0}), rules)[kind] == CueFinding(
        kind, Standing.DENIED, LivenessScore(1.0), NOBODY_LIVES
    )


@pytest.mark.parametrize("outcome", [outcome for outcome in ActionOutcome if outcome is not ActionOutcome.DONE])
def test_an_action_that_was_not_done_is_missing_and_denies_nothing(outcome: ActionOutcome) -> None:
    findings = weigh(replace(evidence(), outcome=outcome), FULL)

    assert {one.kind for one in findings if one.standing is Standing.MISSING} == {CueKind.ACTION}
    assert not denies(findings)


def test_where_an_action_is_required_and_none_was_asked_for_it_is_missing_even_if_it_counts_as_done() -> None:
    assert found(replace(evidence(), asked=()))[CueKind.ACTION].standing is Standing.MISSING


@pytest.mark.parametrize("mode", Mode)
def test_without_any_evidence_all_that_a_mode_requires_is_missing(mode: Mode) -> None:
    rules = rules_for(RULES, mode)

    findings = weigh(LivenessEvidence(None, 0, (), ActionOutcome.NOT_ASKED), rules)

    assert {one.kind for one in findings} == rules.required
    assert {one.standing for one in findings} == {Standing.MISSING}


def test_a_cue_that_speaks_unasked_is_heard_and_one_that_is_silent_unasked_is_left_out() -> None:
    passive = rules_for(replace(RULES, thresholds=LIMITS), Mode.PASSIVE)
    seen = replace(evidence(code=0.1, relief=None), asked=(), outcome=ActionOutcome.NOT_ASKED)

    findings = weigh(seen, passive)

    assert [(one.kind, one.standing) for one in findings] == [
        (CueKind.TEXTURE, Standing.NOT_DENIED),
        (CueKind.CODE, Standing.DENIED),
    ]
    assert denies(findings)


numbers = st.none() | st.floats(0, 1) | st.sampled_from(NO_NUMBERS)


@given(texture=numbers, code=numbers, relief=numbers, outcome=st.sampled_from(ActionOutcome))
def test_each_cue_stands_as_it_would_stand_alone(
    texture: float | None, code: float | None, relief: float | None, outcome: ActionOutcome
) -> None:
    together = found(replace(evidence(texture=texture, code=code, relief=relief), outcome=outcome))

    assert set(together) == set(CueKind)
    assert together[CueKind.TEXTURE] == found(evidence(texture=texture))[CueKind.TEXTURE]
    assert together[CueKind.CODE] == found(evidence(code=code))[CueKind.CODE]
    assert together[CueKind.RELIEF] == found(evidence(relief=relief))[CueKind.RELIEF]
    assert together[CueKind.ACTION] == found(replace(evidence(), outcome=outcome))[CueKind.ACTION]
