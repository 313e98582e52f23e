"""Weighs the cues of an attempt, each against its own threshold. A cue can deny; none can make up for another.

Whatever a mode or a policy asks for and does not get is missing, and what is no number is broken: neither accepts anybody.
"""

from __future__ import annotations

import math

from edge.flow import ActionOutcome, CueFinding, CueKind, LivenessEvidence, LivenessScore, Standing
from edge.rules import Rules
from wire.reasons import Reason

DONE = LivenessScore(1.0)
"""The score of an action that was done; its threshold, too."""


def weigh(evidence: LivenessEvidence, rules: Rules) -> tuple[CueFinding, ...]:
    """What each cue says: those that are asked for, and those that spoke unasked."""
    limits = rules.thresholds
    findings = (
        _scored(CueKind.TEXTURE, evidence.texture, limits.texture, None),
        _action(evidence),
        *_light(evidence, rules),
    )
    return tuple(one for one in findings if one.kind in rules.required or one.standing is not Standing.MISSING)


def denies(findings: tuple[CueFinding, ...]) -> bool:
    """Whether any cue speaks against life."""
    return any(finding.standing is Standing.DENIED for finding in findings)


def _action(evidence: LivenessEvidence) -> CueFinding:
    """An action that was not done is missing, not a denial: people misunderstand; `decision.py` says how it went."""
    if not evidence.asked:
        return CueFinding(CueKind.ACTION, Standing.MISSING, None, DONE)
    done = evidence.outcome is ActionOutcome.DONE
    return CueFinding(
        CueKind.ACTION, Standing.NOT_DENIED if done else Standing.MISSING, LivenessScore(1.0 if done else 0.0), DONE
    )


def _light(evidence: LivenessEvidence, rules: Rules) -> tuple[CueFinding, ...]:
    limits, answer = rules.thresholds, evidence.answer
    return (
        _scored(CueKind.CODE, answer.code if answer else None, limits.code, answer.hindrance if answer else None),
        _scored(CueKind.RELIEF, answer.relief if answer else None, limits.relief, answer.hindrance if answer else None),
    )


def is_number(score: object) -> bool:
    """Whether a broken stage left something that can be compared."""
    return isinstance(score, int | float) and math.isfinite(score)


def _scored(kind: CueKind, score: LivenessScore | None, threshold: LivenessScore, hindrance: Reason | None) -> CueFinding:
    if score is None:
        return CueFinding(kind, Standing.MISSING, None, threshold, hindrance)
    if not is_number(score):
        return CueFinding(kind, Standing.BROKEN, None, threshold)
    # Written so that a threshold that is no number denies.
    return CueFinding(kind, Standing.NOT_DENIED if score >= threshold else Standing.DENIED, score, threshold)
