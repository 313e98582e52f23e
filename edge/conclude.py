"""The second river: what an attempt left behind becomes a decision, a statement, a sealed envelope."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.attempt import Ending
from edge.decision import Case, decide
from edge.flow import ActionOutcome, CueFinding, Decision, LivenessEvidence, MatchScore, Shot
from edge.likeness import Standard, best_match
from edge.rules import Rules
from edge.session.states import Event
from edge.session.weigh import weigh
from edge.spool.rows import Head
from edge.stages.match import Embedder, least_agreement, mean_embedding
from wire.envelope import Kind, seal
from wire.keys import Signer
from wire.reasons import Reason
from wire.result import (
    SCALE,
    BoardHeat,
    Clock,
    Consent,
    CueScore,
    DebugStatus,
    Likeness,
    Mode,
    ModelUse,
    ResultStatement,
    Verdict,
    Visit,
    result_payload,
)

log = logging.getLogger("lifecert.conclude")

SAME_FACE = 0.4
"""A shot of one face is at least so alike to half of the others of its attempt; below, the face was changed on the way.

The least seen among eight shots of the development recordings is 0.46, of a man who turns and nods (docs/accuracy.md).
"""

FIRST_SHOTS = 2
"""So many shots are compared at first; where they say yes clearly, the others would say nothing else."""
CLEARLY = 0.08
"""So far above the threshold. In 23,760 draws from the development recordings the similarity of two shots was above that of all
eight by more than 0.067 in one of a thousand (docs/accuracy.md)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision and the numbers it rests on."""

    decision: Decision
    match: MatchScore | None
    liveness: LivenessEvidence
    findings: tuple[CueFinding, ...]
    """What each cue said."""
    frames: int
    heat: BoardHeat | None = None
    """How hot the board was; None where no frame was looked at."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What every statement of this unit has in common."""

    unit: str
    software: str
    config_digest: bytes
    debug: DebugStatus
    models: tuple[ModelUse, ...]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is particular to one statement beside its judgement."""

    result_id: bytes
    clock: Clock
    visit: Visit | None
    mode: Mode
    consent: Consent | None = None
    """What the visitor agreed to; None where they did not, or where a power cut took the answer along."""


def judge(ending: Ending, standards: Sequence[Standard], embedder: Embedder, rules: Rules) -> Judgement:
    """Weigh, compare where there is something to compare, and decide. A matcher that fails accepts nobody.

    The standards are those of the classes of reference, at least one; the rules are those of the visit's mode.
    """
    findings = weigh(ending.evidence, rules)
    case = Case(ending.event, ending.trouble, ending.hindrance, ending.evidence, findings, match=None, same_face=False)
    if ending.event is Event.EVIDENCE_COMPLETE and ending.shots:
        case = _with_match(case, ending, standards, embedder)
    heat = BoardHeat(ending.heat.value) if ending.frames else None
    return Judgement(decide(case), case.match, ending.evidence, findings, ending.frames, heat)


def without_capture(verdict: Verdict, reason: Reason) -> Judgement:
    """The judgement of an attempt in which no frame was looked at: a broken reference, a power cut."""
    nothing = LivenessEvidence(None, 0, (), ActionOutcome.NOT_ASKED)
    return Judgement(Decision(verdict, (reason,)), None, nothing, (), 0)


def sealed(judgement: Judgement, origin: Origin, occasion: Occasion, head: Head, signer: Signer) -> bytes:
    """The envelope to send."""
    return seal(result_payload(statement(judgement, origin, occasion, head)), Kind.RESULT, signer)


def statement(judgement: Judgement, origin: Origin, occasion: Occasion, head: Head) -> ResultStatement:
    """Everything that is said about one attempt; a number that is not finite was not measured."""
    return ResultStatement(
        unit=origin.unit,
        result_id=occasion.result_id,
        sequence=head.sequence,
        previous=head.previous,
        clock=occasion.clock,
        visit=occasion.visit,
        verdict=judgement.decision.verdict,
        reasons=judgement.decision.reasons,
        mode=occasion.mode,
        likeness=_likeness(judgement.match),
        liveness=_cues(judgement.findings),
        models=origin.models,
        frames=judgement.frames,
        software=origin.software,
        config_digest=origin.config_digest,
        debug=origin.debug,
        substituted=judgement.liveness.substituted,
        consent=occasion.consent,
        heat=judgement.heat,
    )


def scaled(number: float) -> int:
    """A score from -1 to 1 as it travels: the largest whole number of ten-thousandths that is not above it.

    So rounding lifts no score to its threshold, and drops none below it, wherever the threshold is a whole number of
    ten-thousandths. Anything outside -1 to 1 travels as the nearer end; the number must be finite.
    """
    below = math.floor(number * SCALE) + 1
    while below / SCALE > number:
        below -= 1
    return max(-SCALE, min(SCALE, below))


def _with_match(case: Case, ending: Ending, standards: Sequence[Standard], embedder: Embedder) -> Case:
    try:
        match, same_face = _compared(ending, standards, embedder)
    except Exception as error:  # noqa: BLE001  # whatever the matcher does, the visit ends in a result that accepts nobody
        log.error("matcher failed", extra={"error": type(error).__name__})
        return replace(case, trouble=Reason.MATCHER_UNAVAILABLE)
    return replace(case, match=match, same_face=same_face)


def _compared(ending: Ending, standards: Sequence[Standard], embedder: Embedder) -> tuple[MatchScore, bool]:
    """How alike visitor and references are, and whether all shots show one face: as few shots as a clear yes needs."""
    shots, enough = _drawn(ending)
    seen = embedder.embed_shots([shot.crops for shot in shots[:enough]])
    match, agreement = best_match(mean_embedding(seen), standards), least_agreement(seen)
    clear = match.similarity >= match.threshold + CLEARLY and agreement >= SAME_FACE
    if enough < len(shots) and not clear:
        seen = (*seen, *embedder.embed_shots([shot.crops for shot in shots[enough:]]))
        match, agreement = best_match(mean_embedding(seen), standards), least_agreement(seen)
    return match, agreement >= SAME_FACE


def _drawn(ending: Ending) -> tuple[list[Shot], int]:
    """The shots in the order in which they are compared, and how many of them a clear yes needs.

    Where the texture is all that speaks for life, a few suffice, each of which was probed in its own frame: the very face that is
    compared was judged to live. They are drawn by the nanosecond, so that nobody can know them beforehand. Where an action or an
    answer to the lamps speaks for life, all are compared: another face may have given it.
    """
    evidence, shots = ending.evidence, list(ending.shots)
    if evidence.asked or evidence.answer is not None:
        return shots, len(shots)
    shots.sort(key=lambda shot: (not shot.probed, hashlib.sha256(shot.captured_ns.to_bytes(16, "big")).digest()))
    return shots, FIRST_SHOTS if sum(shot.probed for shot in shots) >= FIRST_SHOTS else len(shots)


def _likeness(match: MatchScore | None) -> Likeness | None:
    if match is None or not math.isfinite(match.similarity):
        return None
    return Likeness(scaled(match.similarity), threshold_x10000(match.threshold), match.reference_class)


def _cues(findings: Sequence[CueFinding]) -> tuple[CueScore, ...]:
    """The cues that were measured, each with the threshold it was held to."""
    return tuple(
        CueScore(one.kind.value, scaled(one.score), min(SCALE, threshold_x10000(one.threshold)))
        for one in findings
        if one.score is not None and math.isfinite(one.score)
    )


def threshold_x10000(threshold: float) -> int:
    """A threshold as it travels: x 10 000. What is no number lets nobody pass, and travels as the highest."""
    return round(threshold * SCALE) if math.isfinite(threshold) else SCALE
