"""A threshold is believed only for exactly what it was calibrated with; whatever does not fit says what, where and what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
from edge.flow import MatcherIdentity
from edge.policy import named_policy, require_cues, rules_as_shipped, rules_under
from edge.rules import NO_POLICY
from edge.spool.rows import KeptPolicy
from tests.builders import NOW_S, KeySigner, calibration, key, policy, ticket
from tests.edge.observations import RULES
from tests.edge.spool_parts import CENTRE_KEYS, sealed_policy, sealed_ticket
from wire.policy import Policy
from wire.reference import ReferenceClass
from wire.result import CUES_OF, Mode

DOCUMENT, SUPERVISED = ReferenceClass
POLICY, CALIBRATION = policy(), calibration()
MATCHER = MatcherIdentity("face-reid", CALIBRATION.model_digest, CALIBRATION.runtime)


@pytest.mark.parametrize(("reference_class", "match", "review_from"), [(DOCUMENT, 0.53, 0.44), (SUPERVISED, 0.50, 0.42)])
def test_each_class_of_reference_gets_the_threshold_that_was_proven_for_it(
    reference_class: ReferenceClass, match: float, review_from: float
) -> None:
    rules = rules_under(POLICY, MATCHER, reference_class, RULES)

    thresholds = replace(RULES.thresholds, match=match, review_from=review_from, reference_class=reference_class)  # type: ignore[arg-type]
    assert rules == replace(RULES, policy=POLICY.id, thresholds=thresholds)


def test_the_policy_of_another_matcher_does_not_fit_whatever_its_name() -> None:
    other = replace(MATCHER, model_digest=b"\x77" * 32)

    with pytest.raises(MatcherUncoveredError, match=r"none for face-reid \(7777777777777777\).*calibrate and publish"):
        rules_under(POLICY, other, DOCUMENT, RULES)


def test_the_name_of_a_matcher_does_not_matter_where_its_digest_fits() -> None:
    assert rules_under(POLICY, replace(MATCHER, name="renamed"), DOCUMENT, RULES).policy == POLICY.id


def test_the_policy_of_another_version_of_the_runtime_does_not_fit() -> None:
    other = replace(MATCHER, runtime="onnxruntime 1.20.2")

    with pytest.raises(RuntimeUncoveredError, match=r"hold under onnxruntime 1\.20\.1, and this unit runs onnxruntime 1\.20\.2"):
        rules_under(POLICY, other, DOCUMENT, RULES)


def test_a_class_without_a_calibration_is_refused_not_ignored() -> None:
    only_documents = policy(calibrations=(calibration(),))

    with pytest.raises(ReferenceClassUncoveredError, match="class supervised"):
        rules_under(only_documents, MATCHER, SUPERVISED, RULES)


def test_nothing_is_pieced_together_from_two_calibrations_that_each_fit_in_part() -> None:
    """One fits by class, the other by runtime: neither proves anything about this unit."""
    halves = policy(
        calibrations=(
            calibration(runtime="onnxruntime 1.19.0"),
            calibration(reference_class=SUPERVISED),
        )
    )

    with pytest.raises(ReferenceClassUncoveredError):
        rules_under(halves, MATCHER, DOCUMENT, RULES)


@pytest.mark.parametrize("threshold", [4299, 1])
def test_a_threshold_below_the_review_band_of_the_shipped_matcher_is_refused(threshold: int) -> None:
    """The floor of the made-up matcher is 0.43; a policy may lower its threshold to that and no further."""
    low = policy(calibrations=(calibration(threshold_x10000=threshold, review_from_x10000=0),))

    with pytest.raises(PolicyThresholdLowError, match=r"lies below 0\.4300"):
        rules_under(low, MATCHER, DOCUMENT, RULES)


def test_a_threshold_exactly_at_the_floor_holds() -> None:
    lowest = policy(calibrations=(calibration(threshold_x10000=4300, review_from_x10000=4000),))

    assert rules_under(lowest, MATCHER, DOCUMENT, RULES).thresholds.match == 0.43


def test_a_matcher_that_ships_without_a_threshold_has_no_floor_and_lives_by_policies_alone() -> None:
    low = policy(calibrations=(calibration(threshold_x10000=3000, review_from_x10000=2000),))
    unproven = replace(RULES, policy=NO_POLICY)

    assert rules_under(low, MATCHER, DOCUMENT, unproven).thresholds.match == 0.3


def test_the_shipped_threshold_holds_for_its_own_class_alone() -> None:
    assert rules_as_shipped(DOCUMENT, RULES) is RULES
    with pytest.raises(ReferenceClassUncoveredError, match="test/1"):
        rules_as_shipped(SUPERVISED, RULES)


def test_whether_something_else_may_be_asked_for_is_said_by_the_policy_and_by_no_shipped_rule() -> None:
    assert not RULES.substitution
    assert not rules_under(policy(), MATCHER, DOCUMENT, RULES).substitution
    assert rules_under(policy(substitution=True), MATCHER, DOCUMENT, RULES).substitution


# Cues


@pytest.mark.parametrize("mode", Mode)
def test_a_mode_that_gathers_every_required_cue_on_a_board_that_can_give_them_is_served(mode: Mode) -> None:
    require_cues(ticket(mode=mode), CUES_OF[mode], "LRV")
    require_cues(ticket(mode=mode), frozenset(), "LR")


@pytest.mark.parametrize(
    ("mode", "required", "unasked"),
    [
        (Mode.PASSIVE, CUES_OF[Mode.FULL], ("action", "code", "relief")),
        (Mode.PASSIVE, {"texture", "action"}, ("action",)),
        (Mode.ACTIVE, {"relief", "action"}, ("relief",)),
    ],
)
def test_a_cue_that_the_mode_does_not_gather_is_named(mode: Mode, required: set[str], unasked: tuple[str, ...]) -> None:
    with pytest.raises(CueUnaskedError, match=f"requires the cues {', '.join(unasked)}, which the mode {mode}") as caught:
        require_cues(ticket(mode=mode), frozenset(required), "LRV")

    assert caught.value.cues == unasked


@pytest.mark.parametrize(
    ("lamps", "lacking", "fitted"),
    [
        ("", ("code", "relief"), "no lamps of its own"),
        ("V", ("relief",), "only the lamps V"),
        ("LV", ("relief",), "only the lamps LV"),
        ("RT", ("relief",), "only the lamps RT"),
    ],
)
def test_a_board_that_cannot_give_a_cue_of_the_mode_is_told_what_to_fit(
    lamps: str, lacking: tuple[str, ...], fitted: str
) -> None:
    with pytest.raises(CueLackingError, match=f"{fitted}; fit infrared lamps at both sides") as caught:
        require_cues(ticket(mode=Mode.FULL), frozenset(), lamps)

    assert (caught.value.cues, caught.value.lamps) == (lacking, lamps)


@pytest.mark.parametrize("mode", [Mode.PASSIVE, Mode.ACTIVE])
def test_no_lamp_is_needed_where_no_lamp_asks(mode: Mode) -> None:
    require_cues(ticket(mode=mode), frozenset({"texture"}), "")


# Out of the spool


def kept(published: Policy = POLICY, newest: str | None = None, newest_at_s: int = 0) -> KeptPolicy:
    """A policy in the spool; nothing newer is there unless it is named."""
    return KeptPolicy(published.id, sealed_policy(published), newest or published.id, newest_at_s or published.issued_at_s)


def test_the_policy_that_the_ticket_names_is_read() -> None:
    assert named_policy(ticket(), kept(), CENTRE_KEYS, NOW_S) == POLICY


def test_a_policy_that_is_not_there_is_unknown() -> None:
    with pytest.raises(PolicyUnknownError, match="pension-2027/3"):
        named_policy(ticket(), None, CENTRE_KEYS, NOW_S)


@pytest.mark.parametrize(
    "envelope",
    [
        sealed_policy(POLICY, KeySigner(key(8))),
        sealed_policy(POLICY)[:-1] + b"\0",
        sealed_policy(policy(id="pension-2027/4")),
        sealed_ticket(ticket()),
        b"",
    ],
    ids=["signed by somebody else", "a flipped bit", "another policy", "a ticket", "nothing"],
)
def test_what_lies_in_the_spool_is_believed_only_when_the_centre_signed_it_as_this_policy(envelope: bytes) -> None:
    """The program that has a network writes the spool; the one that judges does not take its word."""
    with pytest.raises(PolicyUnverifiedError, match="pension-2027/3"):
        named_policy(ticket(), replace(kept(), envelope=envelope), CENTRE_KEYS, NOW_S)


def test_a_unit_without_a_centre_believes_no_policy() -> None:
    with pytest.raises(PolicyUnverifiedError):
        named_policy(ticket(), kept(), {}, NOW_S)


@pytest.mark.parametrize("at_s", [POLICY.not_before_s, POLICY.not_after_s])
def test_a_policy_holds_from_its_first_to_its_last_second(at_s: int) -> None:
    assert named_policy(ticket(), kept(), CENTRE_KEYS, at_s) == POLICY


def test_a_policy_out_of_its_time_is_refused() -> None:
    with pytest.raises(PolicyExpiredError, match="publish a new version"):
        named_policy(ticket(), kept(), CENTRE_KEYS, POLICY.not_after_s + 1)
    with pytest.raises(PolicyNotYetValidError, match="clock"):
        named_policy(ticket(), kept(), CENTRE_KEYS, POLICY.not_before_s - 1)


def test_a_ticket_of_before_the_newer_version_is_served_and_one_of_after_it_is_not() -> None:
    """Whoever came for a ticket that was good in the morning is not sent home at noon."""
    older = kept(newest="pension-2027/4", newest_at_s=NOW_S)

    assert named_policy(ticket(issued_at_s=NOW_S - 1), older, CENTRE_KEYS, NOW_S) == POLICY
    for issued_at_s in (NOW_S, NOW_S + 1):
        with pytest.raises(PolicySupersededError, match=r"pension-2027/4 had taken its place"):
            named_policy(ticket(issued_at_s=issued_at_s), older, CENTRE_KEYS, NOW_S)


def test_every_way_not_to_fit_ends_the_visit_in_the_same_way() -> None:
    unfit = PolicyUnfitError.__subclasses__()

    assert {each.__name__ for each in unfit} == {
        "CueLackingError", "CueUnaskedError", "MatcherUncoveredError", "PolicyExpiredError", "PolicyNotYetValidError",
        "PolicySupersededError", "PolicyThresholdLowError", "PolicyUnknownError", "PolicyUnverifiedError",
        "ReferenceClassUncoveredError", "RuntimeUncoveredError",
    }  # fmt: skip
