"""The judgement over every combination of what it may know: accepted only when everything is there, never an exception."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from edge.decision import Case, decide
from edge.flow import ActionKind, ActionOutcome, LivenessEvidence, LivenessScore, MatchScore, Similarity
from edge.rules import rules_for
from edge.session.states import Event
from edge.session.weigh import weigh
from tests.edge.observations import RULES
from wire.reasons import Category, Reason
from wire.result import Mode, Verdict

MATCH, REVIEW, TEXTURE = 0.53, 0.43, 0.90
TEXTURES = (None, 0.0, math.nextafter(TEXTURE, 0), TEXTURE, 1.0, math.nan, math.inf, -math.inf)
SIMILARITIES = (None, -1.0, math.nextafter(REVIEW, 0), REVIEW, math.nextafter(MATCH, 0), MATCH, 1.0, math.nan, math.inf)
TROUBLES = (None, Reason.CAMERA_LOST, Reason.LIVENESS_UNAVAILABLE, Reason.MATCHER_UNAVAILABLE)
HINDRANCES = (None, Reason.TOO_DARK)


def case(
    ending: Event = Event.EVIDENCE_COMPLETE,
    texture: float | None = 0.99,
    asked: ActionKind | None = None,
    outcome: ActionOutcome = ActionOutcome.NOT_ASKED,
    similarity: float | None = 0.8,
    texture_threshold: float = TEXTURE,
) -> Case:
    """A case that is accepted, unless something is said otherwise."""
    evidence = LivenessEvidence(None if texture is None else LivenessScore(texture), 8, (asked,) if asked else (), outcome)
    thresholds = replace(RULES.thresholds, texture=LivenessScore(texture_threshold))
    return Case(
        ending=ending,
        trouble=None,
        hindrance=None,
        evidence=evidence,
        findings=weigh(evidence, rules_for(replace(RULES, thresholds=thresholds), Mode.ACTIVE if asked else Mode.PASSIVE)),
        match=None if similarity is None else MatchScore(Similarity(similarity), Similarity(MATCH), Similarity(REVIEW)),
        same_face=True,
    )


def every_case() -> Iterator[Case]:
    """The product of everything that the judgement may know."""
    askings = [(None, ActionOutcome.NOT_ASKED), *((ActionKind.BLINK, outcome) for outcome in ActionOutcome)]
    for ending, texture, (asked, outcome), similarity in product(Event, TEXTURES, askings, SIMILARITIES):
        made = case(ending, texture, asked, outcome, similarity)
        for trouble, hindrance, same_face in product(TROUBLES, HINDRANCES, (True, False)):
            yield replace(made, trouble=trouble, hindrance=hindrance, same_face=same_face)


def everything_is_there(one: Case) -> bool:
    """What acceptance takes, said in another way than the judgement says it."""
    evidence, match = one.evidence, one.match
    return (
        one.ending is Event.EVIDENCE_COMPLETE
        and one.trouble is None
        and evidence.texture is not None
        and math.inf > evidence.texture >= TEXTURE
        and (not evidence.asked or evidence.outcome is ActionOutcome.DONE)
        and match is not None
        and math.inf > match.similarity >= MATCH
        and one.same_face
    )


def test_accepted_only_when_everything_is_there_and_then_always() -> None:
    cases = list(every_case())
    wrong = [one for one in cases if (decide(one).verdict is Verdict.ACCEPTED) is not everything_is_there(one)]

    assert len(cases) > 50_000
    assert wrong == []


def test_a_decision_gives_reasons_exactly_when_it_does_not_accept() -> None:
    wrong = [one for one in every_case() if bool(decide(one).reasons) is (decide(one).verdict is Verdict.ACCEPTED)]

    assert wrong == []


def test_a_texture_below_its_threshold_is_an_attack_before_anything_but_a_fault_of_the_unit() -> None:
    for one in every_case():
        texture = one.evidence.texture
        suspected = texture is not None and math.isfinite(texture) and texture < TEXTURE
        faulty = one.trouble is not None or one.ending is Event.DEVICE_FAILED
        is_attack = decide(one).verdict is Verdict.ATTACK

        assert is_attack == (suspected and not faulty), one


def test_an_attack_gives_nothing_else_away() -> None:
    for one in every_case():
        decision = decide(one)
        if decision.verdict is Verdict.ATTACK:
            assert decision.reasons == (Reason.SPOOF_SUSPECTED,)
        else:
            assert not any(reason.category is Category.ATTACK for reason in decision.reasons)


def test_a_fault_of_the_unit_is_named_and_never_blamed_on_the_visitor() -> None:
    for one in every_case():
        if one.trouble is not None:
            assert decide(one).verdict is Verdict.ABORTED
            assert decide(one).reasons == (one.trouble,)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_a_fault_of_the_unit(number: float) -> None:
    assert decide(case(texture=number)).reasons == (Reason.LIVENESS_UNAVAILABLE,)
    assert decide(case(similarity=number)).reasons == (Reason.MATCHER_UNAVAILABLE,)
    assert decide(case(texture=number)).verdict is decide(case(similarity=number)).verdict is Verdict.ABORTED


def test_thresholds_that_are_no_numbers_accept_nobody() -> None:
    whole = case(similarity=1.0)
    broken_match = MatchScore(Similarity(1.0), Similarity(math.nan), Similarity(math.nan))

    assert decide(case(texture_threshold=math.nan)).verdict is Verdict.ATTACK
    assert decide(replace(whole, match=broken_match)).verdict is Verdict.REFUSED


STORIES = [
    ("everything is well", case(), Verdict.ACCEPTED, ()),
    ("cancelled", case(Event.CANCELLED, texture=None), Verdict.ABORTED, (Reason.CANCELLED,)),
    ("cancelled with a picture seen", case(Event.CANCELLED, texture=0.1), Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,)),
    ("camera died", case(Event.DEVICE_FAILED), Verdict.ABORTED, (Reason.CAMERA_FAULT,)),
    ("too late", case(Event.EXPIRED, texture=None), Verdict.REFUSED, (Reason.TIMED_OUT,)),
    ("too late with a picture seen", case(Event.EXPIRED, texture=0.1), Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,)),
    (
        "too late in the dark",
        replace(case(Event.EXPIRED, texture=None), hindrance=Reason.TOO_DARK),
        Verdict.REFUSED,
        (Reason.TOO_DARK, Reason.TIMED_OUT),
    ),
    (
        "too late, asked, not done",
        case(Event.EXPIRED, asked=ActionKind.BLINK, outcome=ActionOutcome.PENDING),
        Verdict.REFUSED,
        (Reason.ACTION_MISSED, Reason.TIMED_OUT),
    ),
    (
        "too late before anything was asked",
        replace(case(Event.EXPIRED, asked=ActionKind.BLINK), hindrance=Reason.TOO_DARK),
        Verdict.REFUSED,
        (Reason.TOO_DARK, Reason.TIMED_OUT),
    ),
    ("no texture", case(texture=None), Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,)),
    ("nothing to compare", case(similarity=None), Verdict.ABORTED, (Reason.MATCHER_UNAVAILABLE,)),
    ("another face on the way", replace(case(), same_face=False), Verdict.REFUSED, (Reason.FACE_CHANGED,)),
    ("somebody else", case(similarity=0.2), Verdict.REFUSED, (Reason.FACE_MISMATCH,)),
    ("hardly alike", case(similarity=REVIEW), Verdict.REVIEW, (Reason.LIKENESS_UNCERTAIN,)),
    ("just alike enough", case(similarity=MATCH), Verdict.ACCEPTED, ()),
]


@pytest.mark.parametrize(("one", "verdict", "reasons"), [story[1:] for story in STORIES], ids=[story[0] for story in STORIES])
def test_a_case_ends_as_told(one: Case, verdict: Verdict, reasons: tuple[Reason, ...]) -> None:
    decision = decide(one)

    assert (decision.verdict, decision.reasons) == (verdict, reasons)


FAILED = {
    ActionOutcome.PENDING: Reason.ACTION_MISSED,
    ActionOutcome.MISSED: Reason.ACTION_MISSED,
    ActionOutcome.NOT_ASKED: Reason.ACTION_MISSED,
    ActionOutcome.WRONG: Reason.WRONG_ACTION,
    ActionOutcome.TOO_FAST: Reason.ACTION_TOO_FAST,
    ActionOutcome.TOO_SLOW: Reason.ACTION_TOO_SLOW,
}


@pytest.mark.parametrize("outcome", FAILED)
def test_how_an_action_failed_is_named_even_where_the_face_would_match(outcome: ActionOutcome) -> None:
    decision = decide(case(asked=ActionKind.OPEN_MOUTH, outcome=outcome, similarity=1.0))

    assert (decision.verdict, decision.reasons) == (Verdict.REFUSED, (FAILED[outcome],))
