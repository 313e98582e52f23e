"""Which rules a ticket asks for: the threshold that ships with the matcher, or one that the centre proved and signed.

A threshold is believed only for the very matcher, runtime and class of reference that it was calibrated with. Whatever does not
fit exactly ends the visit before it begins: no threshold is guessed, borrowed or lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.errors import (
    CueLackingError,
    CueUnaskedError,
    MatcherUncoveredError,
    PolicyExpiredError,
    PolicyNotYetValidError,
    PolicySupersededError,
    PolicyThresholdLowError,
    PolicyUnfitError,
    PolicyUnknownError,
    PolicyUnverifiedError,
    ReferenceClassUncoveredError,
    RuntimeUncoveredError,
)
from edge.flow import MatcherIdentity, Similarity
from edge.rules import NO_POLICY, Rules, cues_lacking, cues_of
from edge.spool.rows import KeptPolicy
from wire.envelope import Kind, open_verified
from wire.errors import WireError
from wire.keys import KeyId, PublicKey
from wire.policy import Policy, read_policy
from wire.reference import ReferenceClass
from wire.result import CUES_OF, SCALE
from wire.ticket import Ticket


def named_policy(ticket: Ticket, kept: KeptPolicy | None, centre_keys: Mapping[KeyId, PublicKey], at_s: int) -> Policy:
    """The policy that a ticket names, out of what the spool keeps under that id; its signature is checked at each use.

    A ticket that was issued before a newer version came still holds, so that nobody who came for it is sent home; one that was
    issued later must name the newer version. Raises `PolicyUnknownError`, `PolicyUnverifiedError`, `PolicySupersededError`,
    `PolicyExpiredError` or `PolicyNotYetValidError`.
    """
    if kept is None:
        raise PolicyUnknownError(ticket.policy)
    policy = _verified(ticket.policy, kept.envelope, centre_keys)
    if kept.newest != kept.id and ticket.issued_at_s >= kept.newest_at_s:
        raise PolicySupersededError(ticket.policy, kept.newest)
    if at_s > policy.not_after_s:
        raise PolicyExpiredError(policy.id)
    if at_s < policy.not_before_s:
        raise PolicyNotYetValidError(policy.id)
    return policy


def rules_under(policy: Policy, matcher: MatcherIdentity, reference_class: ReferenceClass, rules: Rules) -> Rules:
    """The rules as shipped, with the threshold that the policy proves for exactly this use in place of the shipped one.

    Raises `MatcherUncoveredError`, `RuntimeUncoveredError`, `ReferenceClassUncoveredError` or `PolicyThresholdLowError`.
    """
    proven = policy.calibration_for(matcher.model_digest, matcher.runtime, reference_class)
    if proven is None:
        raise _uncovered(policy, matcher, reference_class)
    floor_x10000 = _floor_x10000(rules)
    if proven.threshold_x10000 < floor_x10000:
        raise PolicyThresholdLowError(policy.id, proven.threshold_x10000, floor_x10000)
    match, review_from = (Similarity(limit / SCALE) for limit in (proven.threshold_x10000, proven.review_from_x10000))
    thresholds = replace(rules.thresholds, match=match, review_from=review_from, reference_class=reference_class)
    return replace(rules, policy=policy.id, thresholds=thresholds, substitution=policy.substitution)


def require_cues(ticket: Ticket, required: frozenset[str], lamps: str) -> None:
    """Refuse a visit that lacks a cue before it begins: `required` is what its policy names, `lamps` what this unit has.

    Raises `CueUnaskedError` when the ticket's mode does not gather a cue, `CueLackingError` when the board cannot give one.
    """
    unasked = required - CUES_OF[ticket.mode]
    if unasked:
        raise CueUnaskedError(ticket.policy, ticket.mode.value, tuple(sorted(unasked)))
    lacking = cues_lacking(cues_of(ticket.mode), lamps)
    if lacking:
        raise CueLackingError(ticket.policy, ticket.mode.value, tuple(cue.value for cue in lacking), lamps)


def rules_as_shipped(reference_class: ReferenceClass, rules: Rules) -> Rules:
    """The rules without a policy of the centre; raises `ReferenceClassUncoveredError`."""
    if reference_class is not rules.thresholds.reference_class:
        raise ReferenceClassUncoveredError(rules.policy, reference_class)
    return rules


def _verified(policy_id: str, envelope: bytes, centre_keys: Mapping[KeyId, PublicKey]) -> Policy:
    try:
        policy = read_policy(open_verified(envelope, Kind.POLICY, centre_keys))
    except WireError as error:
        raise PolicyUnverifiedError(policy_id, str(error)) from error
    if policy.id != policy_id:
        raise PolicyUnverifiedError(policy_id, f"it is {policy.id}")
    return policy


def _uncovered(policy: Policy, matcher: MatcherIdentity, reference_class: ReferenceClass) -> PolicyUnfitError:
    """What it is that no calibration of the policy was made with."""
    of_matcher = [found for found in policy.calibrations if found.model_digest == matcher.model_digest]
    if not of_matcher:
        covered = tuple(sorted({f"{found.matcher} ({found.model_digest.hex()[:16]})" for found in policy.calibrations}))
        return MatcherUncoveredError(policy.id, f"{matcher.name} ({matcher.model_digest.hex()[:16]})", covered)
    if all(found.runtime != matcher.runtime for found in of_matcher):
        return RuntimeUncoveredError(policy.id, matcher.runtime, tuple(sorted({found.runtime for found in of_matcher})))
    return ReferenceClassUncoveredError(policy.id, reference_class)


def _floor_x10000(rules: Rules) -> int:
    """Where the review band of the shipped matcher begins; a matcher without a shipped threshold has no such floor."""
    return 0 if rules.policy == NO_POLICY else round(rules.thresholds.review_from * SCALE)
