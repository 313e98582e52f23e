"""An attempt becomes a judgement, a statement, an envelope: scores are exact, and nobody is accepted without evidence."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.attempt import Ending
from edge.conclude import (
    CLEARLY,
    Judgement,
    Occasion,
    Origin,
    judge,
    scaled,
    sealed,
    statement,
    threshold_x10000,
    without_capture,
)
from edge.decision import Case, decide
from edge.flow import (
    ActionKind,
    ActionOutcome,
    Decision,
    LightAnswer,
    LivenessEvidence,
    LivenessScore,
    MatchScore,
    Shot,
    Similarity,
)
from edge.likeness import Standard
from edge.rules import Thresholds, rules_for
from edge.session.states import Event
from edge.session.weigh import weigh
from edge.spool.rows import Head
from edge.stages.match import Embedder, Embedding, compare
from tests.builders import UNIT, result, unit_signer
from tests.edge.observations import RULES
from tests.fakes.networks import Answering, Breaking, Poisoned
from tests.fakes.stage import embedder_of, embedding_of
from wire.envelope import Kind, open_verified
from wire.keys import key_id
from wire.reasons import Reason
from wire.result import SCALE, DebugStatus, Mode, ModelUse, Verdict, read_result

MODELS = (ModelUse("embedder", b"\x01" * 32), ModelUse("minifasnet_v2", b"\x02" * 32))
ORIGIN = Origin(UNIT, "lifecert 0.1.0", b"\x0d" * 32, DebugStatus.DISABLED, MODELS)
OCCASION = Occasion(bytes(range(16)), result().clock, result().visit, Mode.PASSIVE)
HEAD = Head(7, b"\x09" * 32)
REFUSAL = Decision(Verdict.REFUSED, (Reason.TIMED_OUT,))

grid = st.integers(-SCALE, SCALE)
scores = st.floats(-1, 1) | grid.map(lambda whole: whole / SCALE)
near_grid = st.tuples(grid, st.integers(-3, 3)).map(lambda pair: nudged(pair[0] / SCALE, pair[1]))


def nudged(number: float, steps: int) -> float:
    """The float so many steps away, within -1 to 1."""
    for _ in range(abs(steps)):
        number = math.nextafter(number, math.inf if steps > 0 else -math.inf)
    return max(-1.0, min(1.0, number))


@given(score=scores | near_grid, threshold=grid)
def test_rounding_neither_lifts_a_score_to_its_threshold_nor_drops_one_below_it(score: float, threshold: int) -> None:
    reached = score >= threshold / SCALE

    assert (scaled(score) >= threshold_x10000(threshold / SCALE)) is reached


@given(score=scores | near_grid)
def test_a_scaled_score_is_the_nearest_one_below(score: float) -> None:
    whole = scaled(score)

    assert whole / SCALE <= score
    assert whole == SCALE or (whole + 1) / SCALE > score


@given(whole=grid)
def test_a_threshold_travels_unchanged(whole: int) -> None:
    assert threshold_x10000(whole / SCALE) == whole == scaled(whole / SCALE)


def test_a_score_a_little_out_of_range_travels_as_its_end() -> None:
    assert scaled(1.0004) == SCALE
    assert scaled(-1.0004) == -SCALE


def judgement_of(similarity: float, texture: float, match: int, texture_from: int, asked: ActionKind | None) -> Judgement:
    """What the decision says to these scores, with thresholds in ten-thousandths."""
    outcome = ActionOutcome.DONE if asked else ActionOutcome.NOT_ASKED
    evidence = LivenessEvidence(LivenessScore(texture), 8, (asked,) if asked else (), outcome)
    score = MatchScore(Similarity(similarity), Similarity(match / SCALE), Similarity(max(-SCALE, match - 1000) / SCALE))
    thresholds = Thresholds(0.6, Similarity(match / SCALE), Similarity(0.0), LivenessScore(texture_from / SCALE))
    rules = rules_for(replace(RULES, thresholds=thresholds), Mode.ACTIVE if asked else Mode.PASSIVE)
    findings = weigh(evidence, rules)
    case = Case(Event.EVIDENCE_COMPLETE, None, None, evidence, findings, score, same_face=True)
    return Judgement(decide(case), score, evidence, findings, frames=99)


@given(
    similarity=scores | near_grid,
    texture=st.floats(0, 1) | st.integers(0, SCALE).map(lambda whole: whole / SCALE),
    match=grid,
    texture_from=st.integers(0, SCALE),
    asked=st.sampled_from([None, *ActionKind]),
)
def test_whatever_is_judged_can_be_stated_and_read_again(
    similarity: float, texture: float, match: int, texture_from: int, asked: ActionKind | None
) -> None:
    judgement = judgement_of(similarity, texture, match, texture_from, asked)
    occasion = replace(OCCASION, mode=Mode.ACTIVE if asked else Mode.PASSIVE)
    made = statement(judgement, ORIGIN, occasion, HEAD)

    signer = unit_signer()
    envelope = sealed(judgement, ORIGIN, occasion, HEAD, signer)
    keys = MappingProxyType({key_id(signer.public_key): signer.public_key})
    read = read_result(open_verified(envelope, Kind.RESULT, keys))

    assert read == replace(made, liveness=read.liveness, models=read.models)
    assert set(read.liveness) == set(made.liveness)
    assert set(read.models) == set(made.models)
    assert read.verdict is judgement.decision.verdict
    assert {cue.cue for cue in read.liveness} == ({"texture", "action"} if asked else {"texture"})


@given(whole=grid, steps=st.integers(-2, 2))
def test_a_score_beside_its_threshold_tells_the_same_in_the_statement_as_in_the_decision(whole: int, steps: int) -> None:
    judgement = judgement_of(nudged(whole / SCALE, steps), 1.0, whole, 9000, None)

    made = statement(judgement, ORIGIN, OCCASION, HEAD)

    assert made.likeness is not None
    assert (made.likeness.similarity >= made.likeness.threshold) is (made.verdict is Verdict.ACCEPTED)


@pytest.mark.parametrize("outcome", ActionOutcome)
def test_only_an_action_that_was_done_is_stated_as_done(outcome: ActionOutcome) -> None:
    done = judgement_of(0.9, 1.0, 5300, 9000, ActionKind.BLINK)
    evidence = replace(done.liveness, outcome=outcome)
    findings = weigh(evidence, rules_for(RULES, Mode.ACTIVE))
    judgement = replace(done, liveness=evidence, findings=findings, decision=REFUSAL)

    action = next(cue for cue in statement(judgement, ORIGIN, OCCASION, HEAD).liveness if cue.cue == "action")

    assert (action.score >= action.threshold) is (outcome is ActionOutcome.DONE)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_left_out_and_stops_no_statement(number: float) -> None:
    judgement = judgement_of(number, number, 5300, 9000, None)

    made = statement(judgement, ORIGIN, OCCASION, HEAD)

    assert made.verdict is Verdict.ABORTED
    assert made.likeness is None
    assert made.liveness == ()


@pytest.mark.parametrize("reason", [Reason.REFERENCE_UNUSABLE, Reason.INTERRUPTED])
def test_an_attempt_without_a_single_frame_can_be_stated(reason: Reason) -> None:
    envelope = sealed(without_capture(Verdict.ABORTED, reason), ORIGIN, OCCASION, HEAD, unit_signer())

    assert len(envelope) <= 4096


def shots(count: int = 3) -> tuple[Shot, ...]:
    """Shots whose crop bears the number of the shot."""
    return tuple(Shot((np.full((64, 64, 3), number, dtype=np.uint8),), 90, number) for number in range(count))


def ending(event: Event = Event.EVIDENCE_COMPLETE, kept: tuple[Shot, ...] | None = None, texture: float | None = 0.99) -> Ending:
    score = None if texture is None else LivenessScore(texture)
    evidence = LivenessEvidence(score, 8, (), ActionOutcome.NOT_ASKED)
    return Ending(event, None, None, evidence, shots() if kept is None else kept, frames=30, cpu_ms=1.0)


def persons(*of_shot: int) -> Embedder:
    """An embedder that sees this person on each shot."""
    return embedder_of(Answering(lambda tensor: (embedding_of(of_shot[int(tensor[0, 0, 0, 0])])[None],)))


REFERENCE = Embedding(embedding_of(1))
STANDARDS = (Standard(REFERENCE, RULES.thresholds),)


def test_the_person_of_the_photo_is_accepted() -> None:
    judgement = judge(ending(), STANDARDS, persons(1, 1, 1), RULES)

    assert judgement.decision.verdict is Verdict.ACCEPTED
    assert judgement.match is not None
    assert judgement.match.similarity == pytest.approx(1.0)


def test_another_person_is_not() -> None:
    assert judge(ending(), STANDARDS, persons(2, 2, 2), RULES).decision.reasons == (Reason.FACE_MISMATCH,)


@pytest.mark.parametrize(
    "of_shot", [(1, 1, 2), (2, 1, 1), (1, 2, 3), (1, 1, 1, 1, 1, 1, 1, 2), (1, 2) * 4, (1, 1, 1, 1, 1, 2, 2, 2), (1, 2)]
)
def test_two_people_within_one_attempt_are_noticed(of_shot: tuple[int, ...]) -> None:
    assert judge(ending(kept=shots(len(of_shot))), STANDARDS, persons(*of_shot), RULES).decision.reasons == (Reason.FACE_CHANGED,)


class Counting:
    """Sees the same person on every shot, with a similarity that can be chosen, and counts the shots."""

    def __init__(self, alike: float = 1.0) -> None:
        other = embedding_of(2) - float(embedding_of(2) @ REFERENCE) * REFERENCE
        self.seen = alike * REFERENCE + math.sqrt(1 - alike**2) * other / np.linalg.norm(other)
        self.network = Answering(lambda _: (np.asarray(self.seen, np.float32)[None],))


def probed(count: int, of_them: int) -> tuple[Shot, ...]:
    return tuple(replace(shot, probed=number < of_them) for number, shot in enumerate(shots(count)))


def with_evidence(kept: tuple[Shot, ...], **changes: object) -> Ending:
    made = ending(kept=kept)
    return replace(made, evidence=replace(made.evidence, **changes))


def test_a_clear_yes_needs_two_shots_that_were_probed_in_their_own_frames() -> None:
    eyes = Counting(RULES.thresholds.match + CLEARLY + 0.001)

    judgement = judge(ending(kept=probed(8, 3)), STANDARDS, embedder_of(eyes.network), RULES)

    assert judgement.decision.verdict is Verdict.ACCEPTED
    assert eyes.network.runs == 2


@pytest.mark.parametrize("alike", [0.1, 0.5, RULES.thresholds.match + 0.001, RULES.thresholds.match + CLEARLY - 0.001])
def test_whatever_is_less_than_a_clear_yes_is_said_by_all_shots(alike: float) -> None:
    eyes = Counting(alike)

    judgement = judge(ending(kept=probed(8, 3)), STANDARDS, embedder_of(eyes.network), RULES)

    assert eyes.network.runs == 8
    assert judgement.match is not None
    assert judgement.match.similarity == pytest.approx(alike, abs=1e-5)


@pytest.mark.parametrize("of_them", [0, 1])
def test_shots_that_were_not_probed_are_all_compared(of_them: int) -> None:
    eyes = Counting()

    judge(ending(kept=probed(8, of_them)), STANDARDS, embedder_of(eyes.network), RULES)

    assert eyes.network.runs == 8


@pytest.mark.parametrize(
    "changes",
    [{"asked": (ActionKind.BLINK,), "outcome": ActionOutcome.DONE}, {"answer": LightAnswer(32, LivenessScore(1.0), None, None)}],
    ids=["an action", "an answer to the lamps"],
)
def test_where_something_else_speaks_for_life_all_shots_are_compared_with_it(changes: dict[str, object]) -> None:
    eyes = Counting()

    judge(with_evidence(probed(8, 8), **changes), STANDARDS, embedder_of(eyes.network), RULES)

    assert eyes.network.runs == 8


def test_two_first_shots_that_show_two_people_are_looked_into() -> None:
    judgement = judge(ending(kept=probed(4, 2)), STANDARDS, persons(1, 2, 1, 1), RULES)

    assert judgement.decision.reasons == (Reason.FACE_CHANGED,)


def test_which_shots_come_first_hangs_on_the_nanosecond() -> None:
    """Of eight probed shots two are of somebody else: now these are among the first two, now not."""
    verdicts = set()
    for moment in range(40):
        kept = tuple(replace(shot, captured_ns=moment * 1009 + 7 * shot.captured_ns) for shot in probed(8, 8))
        verdicts.add(judge(ending(kept=kept), STANDARDS, persons(1, 1, 1, 2, 1, 1, 2, 1), RULES).decision.verdict)

    assert verdicts == {Verdict.ACCEPTED, Verdict.REFUSED}


@pytest.mark.parametrize("network", [Breaking(), Poisoned(Answering(lambda _: (np.zeros((1, 256), np.float32),)), math.nan)])
def test_a_matcher_that_fails_accepts_nobody(network: object) -> None:
    judgement = judge(ending(), STANDARDS, embedder_of(network), RULES)

    assert (judgement.decision.verdict, judgement.decision.reasons) == (Verdict.ABORTED, (Reason.MATCHER_UNAVAILABLE,))
    assert judgement.match is None


def test_an_embedding_without_direction_accepts_nobody() -> None:
    nothing = embedder_of(Answering(lambda _: (np.zeros((1, 256), np.float32),)))

    assert judge(ending(), STANDARDS, nothing, RULES).decision.reasons == (Reason.MATCHER_UNAVAILABLE,)


@pytest.mark.parametrize("event", [Event.EXPIRED, Event.CANCELLED, Event.DEVICE_FAILED])
def test_nothing_is_compared_unless_the_evidence_was_complete(event: Event) -> None:
    network = Answering(lambda _: (embedding_of(1)[None],))

    judgement = judge(ending(event), STANDARDS, embedder_of(network), RULES)

    assert network.runs == 0
    assert judgement.match is None
    assert judgement.decision.verdict is not Verdict.ACCEPTED


def test_without_a_shot_nobody_is_accepted() -> None:
    judgement = judge(ending(kept=()), STANDARDS, persons(1), RULES)

    assert judgement.decision.reasons == (Reason.MATCHER_UNAVAILABLE,)


def test_several_shots_are_matched_as_one() -> None:
    """The mean of noisy views of one face is nearer to the face than any of them."""
    noise = [np.random.default_rng(100 + seed).normal(scale=0.05, size=256).astype(np.float32) for seed in range(3)]
    network = Answering(lambda tensor: ((embedding_of(1) + noise[int(tensor[0, 0, 0, 0])])[None],))
    alone = max(compare(embedder_of(network).embed_still(shot.crops), REFERENCE) for shot in shots())

    judgement = judge(ending(), STANDARDS, embedder_of(network), RULES)

    assert judgement.match is not None
    assert judgement.match.similarity > alone
