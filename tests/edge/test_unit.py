"""A visit on an enrolled unit: one result for every attempt that began, none for one that may not begin."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest

from edge.errors import (
    MatcherUncoveredError,
    PolicyExpiredError,
    PolicyNotYetValidError,
    PolicyThresholdLowError,
    PolicyUnknownError,
    PolicyUnverifiedError,
    ReferenceClassUncoveredError,
    ReferenceMismatchError,
    ReferenceMissingError,
    RuntimeUncoveredError,
    TicketExpiredError,
    TicketUsedError,
)
from models.runtime import Network
from tests import builders as a
from tests.edge.spool_parts import sealed_policy
from tests.edge.visits import DOCUMENT, PROVEN, SIGNED, SUPERVISED, Desk, named, open_desk
from tests.fakes.networks import Answering, Breaking
from tests.fakes.stage import EMBEDDING, Scene, Stage, embedding_of
from wire.policy import Policy
from wire.reasons import Reason
from wire.reference import Reference, ReferenceClass
from wire.result import Verdict


class PowerCutError(BaseException):
    """The battery is pulled: nothing in the product may catch it."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def test_a_visit_leaves_one_result_that_answers_its_ticket(desk: Desk) -> None:
    ticket = desk.ticket()

    report = desk.visit(ticket)

    (result,) = desk.results
    assert result.verdict is report.judgement.decision.verdict is Verdict.ACCEPTED
    assert result.visit is not None
    assert result.visit.nonce == ticket.nonce
    assert desk.spool.unfinished() == []


def test_a_ticket_serves_one_visit(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.visit(ticket)

    with pytest.raises(TicketUsedError):
        desk.visit(ticket)

    assert len(desk.results) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"not_before_s": a.NOW_S - 7000, "not_after_s": a.NOW_S - 60}, TicketExpiredError),
        ({"policy": "pension-2099/1"}, PolicyUnknownError),
        ({"references": (Reference(b"\x0e" * 32, ReferenceClass.DOCUMENT),)}, ReferenceMismatchError),
    ],
)
def test_a_visit_that_may_not_begin_leaves_no_attempt(desk: Desk, changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        desk.visit(desk.ticket(**changes))

    assert desk.results == []
    assert desk.spool.unfinished() == []


def test_a_matcher_that_fails_on_the_photo_ends_in_a_result_and_leaves_the_ticket_for_another_try(desk: Desk) -> None:
    ticket = desk.ticket()

    desk.visit(ticket, embedder=Breaking())

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.ABORTED, (Reason.MATCHER_UNAVAILABLE,))
    assert desk.spool.ticket(ticket.case) == ticket


def test_a_photo_without_a_face_is_a_refusal_with_its_reason(desk: Desk) -> None:
    desk.visit(desk.ticket(), stage=Stage(lambda _: Scene(faces=())))

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.REFUSED, (Reason.REFERENCE_UNUSABLE,))


# Under a policy of the centre


def test_a_visit_under_a_policy_of_the_centre_says_so_with_the_threshold_of_that_policy(desk: Desk) -> None:
    desk.publish(SIGNED)

    desk.visit(desk.ticket(policy=SIGNED.id))

    (result,) = desk.results
    assert result.verdict is Verdict.ACCEPTED
    assert result.visit is not None
    assert result.visit.policy == SIGNED.id
    assert result.likeness is not None
    assert (result.likeness.threshold, result.likeness.reference_class) == (6120, DOCUMENT)


def test_the_threshold_of_the_policy_decides_not_the_shipped_one(desk: Desk) -> None:
    """A visitor at 0.58: enough for the 0.53 as shipped, not for the 0.612 of the policy."""
    desk.publish(SIGNED)
    alike = at_similarity(0.58)

    desk.visit(desk.ticket(nonce=b"\x01" * 16), embedder=alike())
    desk.visit(desk.ticket(nonce=b"\x02" * 16, policy=SIGNED.id), embedder=alike())

    shipped, signed = desk.results
    assert (shipped.verdict, signed.verdict) == (Verdict.ACCEPTED, Verdict.REVIEW)
    assert signed.reasons == (Reason.LIKENESS_UNCERTAIN,)
    assert signed.likeness is not None
    assert (signed.likeness.similarity, signed.likeness.threshold) == (pytest.approx(5800, abs=2), 6120)


def at_similarity(similarity: float) -> Callable[[], Network]:
    """Makes matchers that see one direction in the one photo (two runs), and another, so alike, in the shots after it."""
    on_file, seen = (np.zeros((1, EMBEDDING), dtype=np.float32) for _ in range(2))
    on_file[0, 0] = 1.0
    seen[0, :2] = similarity, math.sqrt(1 - similarity**2)

    def made() -> Network:
        answers = chain([on_file, on_file], repeat(seen))
        return Answering(lambda _: (next(answers),))

    return made


@pytest.mark.parametrize(
    ("published", "error"),
    [
        (replace(SIGNED, calibrations=(replace(PROVEN, model_digest=b"\x77" * 32),)), MatcherUncoveredError),
        (replace(SIGNED, calibrations=(replace(PROVEN, runtime="none 1.1"),)), RuntimeUncoveredError),
        (replace(SIGNED, calibrations=(replace(PROVEN, reference_class=SUPERVISED),)), ReferenceClassUncoveredError),
        (replace(SIGNED, calibrations=(replace(PROVEN, threshold_x10000=4200, review_from_x10000=0),)), PolicyThresholdLowError),
        (replace(SIGNED, not_after_s=a.NOW_S - 1), PolicyExpiredError),
        (replace(SIGNED, not_before_s=a.NOW_S + 9), PolicyNotYetValidError),
    ],
)
def test_an_unfit_policy_keeps_the_visit_from_beginning_and_loses_nothing(
    desk: Desk, published: Policy, error: type[Exception]
) -> None:
    desk.publish(published)
    ticket = desk.ticket(policy=published.id)

    with pytest.raises(error, match=published.id):
        desk.visit(ticket)

    assert (desk.results, desk.spool.unfinished()) == ([], [])
    assert desk.spool.ticket(ticket.case) == ticket


def test_a_policy_that_only_the_uplink_vouches_for_is_not_believed(desk: Desk) -> None:
    desk.spool.put_policy(SIGNED, sealed_policy(SIGNED, a.KeySigner(a.key(8))))

    with pytest.raises(PolicyUnverifiedError):
        desk.visit(desk.ticket(policy=SIGNED.id))

    assert desk.results == []


# Several references


def test_the_class_that_is_exceeded_most_is_the_one_that_the_result_names(desk: Desk) -> None:
    desk.publish(SIGNED)
    both = (named(desk.photo, DOCUMENT), named(desk.second, SUPERVISED))

    desk.visit(desk.ticket(policy=SIGNED.id, references=both), photos=[desk.second, desk.photo])

    (result,) = desk.results
    assert result.verdict is Verdict.ACCEPTED
    assert result.likeness is not None
    assert (result.likeness.threshold, result.likeness.reference_class) == (5870, SUPERVISED)


def test_a_class_that_the_policy_proves_nothing_about_is_refused_and_not_left_out(desk: Desk) -> None:
    both = (named(desk.photo, DOCUMENT), named(desk.second, SUPERVISED))

    with pytest.raises(ReferenceClassUncoveredError, match="supervised"):
        desk.visit(desk.ticket(references=both), photos=[desk.photo, desk.second])

    assert desk.results == []


def test_a_visit_without_all_its_photos_does_not_begin(desk: Desk) -> None:
    both = (named(desk.photo, DOCUMENT), named(desk.second, DOCUMENT))

    with pytest.raises(ReferenceMissingError):
        desk.visit(desk.ticket(references=both), photos=[desk.photo])

    assert desk.results == []


def test_photos_of_two_people_under_one_name_are_no_reference(desk: Desk) -> None:
    both = (named(desk.photo, DOCUMENT), named(desk.second, DOCUMENT))
    people = iter([1, 1, 2, 2])

    desk.visit(
        desk.ticket(references=both),
        photos=[desk.photo, desk.second],
        embedder=Answering(lambda _: (embedding_of(next(people))[None],)),
    )

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.REFUSED, (Reason.REFERENCE_UNUSABLE,))
    assert result.likeness is None


def test_an_attempt_is_written_down_before_the_first_frame_and_reported_after_a_power_cut(desk: Desk) -> None:
    def pull_the_battery() -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        desk.visit(desk.ticket(), opened=pull_the_battery)
    assert desk.results == []

    desk.unit(Stage(lambda _: Scene())).report_interrupted()

    (result,) = desk.results
    assert (result.verdict, result.reasons) == (Verdict.ABORTED, (Reason.INTERRUPTED,))
    assert result.visit is not None
    assert desk.spool.unfinished() == []
