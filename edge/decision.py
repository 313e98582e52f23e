"""How an attempt ends: a pure judgement over evidence. Whatever is missing or broken speaks against acceptance.

It never looks at a frame, a clock or a network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edge.flow import ActionOutcome, CueFinding, CueKind, Decision, LivenessEvidence, MatchScore, Standing
from edge.session.states import Event
from wire.reasons import Category, Reason
from wire.result import Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the judgement may know."""

    ending: Event
    """The event that ended the attempt."""
    trouble: Reason | None
    """What failed, where the unit itself did; None when nothing did."""
    hindrance: Reason | None
    """What stood in the way of a good picture most of the time; None when nothing did."""
    evidence: LivenessEvidence
    findings: tuple[CueFinding, ...]
    """What each cue says, those that are required and did not speak included."""
    match: MatchScore | None
    """None when nothing could be compared."""
    same_face: bool
    """Whether all best shots show one face."""

    def any_cue(self, standing: Standing) -> CueFinding | None:
        """A cue that stands so, other than an action that was not done."""
        return next((one for one in self.findings if one.standing is standing and one.kind is not CueKind.ACTION), None)


_FAILED_ACTION: Mapping[ActionOutcome, Reason] = {
    ActionOutcome.PENDING: Reason.ACTION_MISSED,
    ActionOutcome.MISSED: Reason.ACTION_MISSED,
    ActionOutcome.NOT_ASKED: Reason.ACTION_MISSED,
    ActionOutcome.WRONG: Reason.WRONG_ACTION,
    ActionOutcome.TOO_FAST: Reason.ACTION_TOO_FAST,
    ActionOutcome.TOO_SLOW: Reason.ACTION_TOO_SLOW,
}


def decide(case: Case) -> Decision:
    """Judge an attempt. The order is the order of importance: a fault of the unit, an attack, the action, the likeness.

    An attack outweighs a cancellation: nobody may step back from being seen with a picture.
    """
    if case.ending is Event.DEVICE_FAILED or case.trouble:
        return Decision(Verdict.ABORTED, (case.trouble or Reason.CAMERA_FAULT,))
    if case.any_cue(Standing.DENIED):
        return Decision(Verdict.ATTACK, (Reason.SPOOF_SUSPECTED,))
    if case.any_cue(Standing.BROKEN):
        return Decision(Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))
    if case.ending is Event.CANCELLED:
        return Decision(Verdict.ABORTED, (Reason.CANCELLED,))
    if case.ending is Event.DECLINED:
        return Decision(Verdict.ABORTED, (Reason.CONSENT_MISSING,))
    if case.ending is Event.EXPIRED:
        return _late(case)
    if case.ending is not Event.EVIDENCE_COMPLETE or not case.findings:
        return Decision(Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))
    if missing := case.any_cue(Standing.MISSING):
        return Decision(Verdict.ABORTED, (missing.reason or Reason.LIVENESS_UNAVAILABLE,))
    if case.evidence.asked and case.evidence.outcome is not ActionOutcome.DONE:
        return Decision(Verdict.REFUSED, (_FAILED_ACTION[case.evidence.outcome],))
    if any(one.standing is not Standing.NOT_DENIED for one in case.findings):
        return Decision(Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))
    return _by_likeness(case)


def _by_likeness(case: Case) -> Decision:
    if case.match is None or not math.isfinite(case.match.similarity):
        return Decision(Verdict.ABORTED, (Reason.MATCHER_UNAVAILABLE,))
    if not case.same_face:
        return Decision(Verdict.REFUSED, (Reason.FACE_CHANGED,))
    if case.match.similarity >= case.match.threshold:
        return Decision(Verdict.ACCEPTED, ())
    if case.match.similarity >= case.match.review_from:
        return Decision(Verdict.REVIEW, (Reason.LIKENESS_UNCERTAIN,))
    return Decision(Verdict.REFUSED, (Reason.FACE_MISMATCH,))


def _late(case: Case) -> Decision:
    """The real cause first, then that the time ran out."""
    tried = case.evidence.outcome not in (ActionOutcome.NOT_ASKED, ActionOutcome.DONE)
    if tried and not case.any_cue(Standing.MISSING):
        return Decision(Verdict.REFUSED, (_FAILED_ACTION[case.evidence.outcome], Reason.TIMED_OUT))
    if case.hindrance:
        return Decision(Verdict.REFUSED, (case.hindrance, Reason.TIMED_OUT))
    missing = case.any_cue(Standing.MISSING)
    cause = missing.reason if missing else None
    if cause and cause.category is Category.EQUIPMENT:
        return Decision(Verdict.ABORTED, (cause,))
    return Decision(Verdict.REFUSED, (cause, Reason.TIMED_OUT) if cause else (Reason.TIMED_OUT,))
