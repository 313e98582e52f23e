"""A policy is signed only where the stored counts prove every threshold in it, and is put out for every unit at work."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from provisioning.audit import Action, Actor, audit_entries
from provisioning.calibration.models import Bounds, StratumCount
from provisioning.devices.registry import block_unit
from provisioning.devices.store import DeviceStore
from provisioning.errors import (
    CalibrationUnknownError,
    InputInvalidError,
    PolicyRefusedError,
    PolicyUnknownError,
)
from tests.builders import NOW_S
from tests.provisioning.fleet import Fleet
from tests.provisioning.publishing import DAY_S, KEYS, desk, leased, order, published
from tests.provisioning.references import kept_calibration
from wire.envelope import Kind, open_verified
from wire.errors import KeyUnknownError
from wire.policy import policy_payload, read_policy
from wire.reference import ReferenceClass
from wire.topics import Down


def test_a_policy_is_signed_kept_and_put_out_for_every_unit_at_work(fleet: Fleet) -> None:
    first, second, blocked = fleet.unit(), fleet.unit(), fleet.unit()
    with fleet.database.writing() as transaction:
        block_unit(transaction, blocked.name, NOW_S, Actor.CONSOLE)
        DeviceStore(transaction).add("unit-waiting", "LC-9999", NOW_S)
    calibration = kept_calibration(fleet.database)

    kept = desk(fleet).publish(order(calibration.id))

    parcels = leased(fleet)
    assert [(parcel.unit, parcel.word) for parcel in parcels] == [(first.name, Down.POLICY), (second.name, Down.POLICY)]
    assert {parcel.payload for parcel in parcels} == {kept.envelope}
    policy = read_policy(open_verified(kept.envelope, Kind.POLICY, KEYS))
    assert (policy.id, policy.programme, policy.issued_at_s) == ("pension-2027/1", "Pensions", NOW_S)
    assert (policy.not_before_s, policy.not_after_s) == (NOW_S - 300, NOW_S + 30 * DAY_S)
    (said,) = policy.calibrations
    assert (said.threshold_x10000, said.false_matches, said.comparisons, said.persons) == (5300, 60, 124_750, 500)
    assert desk(fleet).all() == (kept,)
    assert desk(fleet).find("pension-2027/1") == kept
    assert kept.calibrations == (calibration.id,)
    with fleet.database.reading() as transaction:
        entry = audit_entries(transaction)[-1]
    assert (entry.action, entry.about) == (Action.POLICY_PUBLISHED, "pension-2027/1")
    assert "2 units" in entry.detail


def test_versions_count_up_for_each_name(fleet: Fleet) -> None:
    ids = [published(fleet, name).policy.id for name in ("a", "a", "b", "a")]

    assert ids == ["a/1", "a/2", "b/1", "a/3"]


def test_publishers_side_by_side_never_give_a_number_twice(fleet: Fleet) -> None:
    calibration = kept_calibration(fleet.database).id
    ids: list[str] = []

    def publish() -> None:
        ids.append(desk(fleet).publish(order(calibration)).policy.id)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ids) == [f"pension-2027/{number}" for number in range(1, 5)]


def test_a_later_version_is_never_issued_earlier_whatever_the_clock_says(lite_fleet: Fleet) -> None:
    first = published(lite_fleet)
    lite_fleet.clock.at_s -= 3600

    second = published(lite_fleet)

    assert second.policy.issued_at_s == first.policy.issued_at_s


def test_a_policy_with_calibrations_for_both_classes_keeps_their_order(lite_fleet: Fleet) -> None:
    document = kept_calibration(lite_fleet.database)
    supervised = kept_calibration(
        lite_fleet.database, use=replace(document.found.use, reference_class=ReferenceClass.SUPERVISED), threshold_x10000=5000
    )

    kept = desk(lite_fleet).publish(order(supervised.id, document.id, programme="Pensions of the county"))

    assert [found.threshold_x10000 for found in kept.policy.calibrations] == [5000, 5300]
    assert kept.policy.programme == "Pensions of the county"


TAMPERED = {
    "fewer comparisons": "UPDATE calibrations SET comparisons = 2000, false_matches = 0",
    "more false matches": "UPDATE calibrations SET false_matches = 130",
    "wider bounds over persons": "UPDATE calibrations SET by_person_high_x1e9 = 1000001",
    "a bolder claim": "UPDATE calibrations SET claimed_fmr_x1e9 = 100000",
    "counts that cannot be": "UPDATE calibrations SET false_matches = 200000",
    "an impossible threshold": "UPDATE calibrations SET threshold_x10000 = 0",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_calibration_whose_stored_counts_do_not_support_it_is_not_published(lite_fleet: Fleet, statement: str) -> None:
    lite_fleet.unit()
    calibration = kept_calibration(lite_fleet.database)
    with lite_fleet.database.writing() as transaction:
        transaction.execute(text(statement))

    with pytest.raises(PolicyRefusedError, match=f"calibration {calibration.id} does not support its claim"):
        desk(lite_fleet).publish(order(calibration.id))
    assert (desk(lite_fleet).all(), leased(lite_fleet)) == ((), ())


def test_one_unproven_calibration_among_proven_ones_refuses_the_policy(lite_fleet: Fleet) -> None:
    proven = kept_calibration(lite_fleet.database)
    unproven = kept_calibration(
        lite_fleet.database, overall=StratumCount("all", 60, 1770, 0), use=replace(proven.found.use, runtime="other 1")
    )

    with pytest.raises(PolicyRefusedError, match=f"calibration {unproven.id} .*needs 3000 comparisons"):
        desk(lite_fleet).publish(order(proven.id, unproven.id))


def test_a_calibration_that_nobody_made_is_refused(lite_fleet: Fleet) -> None:
    with pytest.raises(CalibrationUnknownError, match="no calibration 7"):
        desk(lite_fleet).publish(order(7))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "Upper"}, "claim policy"),
        ({"name": "a/b"}, "claim policy"),
        ({"name": ""}, "claim policy"),
        ({"name": "x" * 48}, "claim policy"),
        ({"name": "default"}, "units are shipped with"),
        ({"programme": "x" * 65}, "programme"),
        ({"programme": "a\nb"}, "programme"),
    ],
)
def test_a_policy_that_no_unit_could_read_is_refused(lite_fleet: Fleet, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(PolicyRefusedError, match=why):
        published(lite_fleet, **changes)
    assert desk(lite_fleet).all() == ()


def test_none_the_same_twice_and_too_many_calibrations_are_refused(lite_fleet: Fleet) -> None:
    one = kept_calibration(lite_fleet.database)
    many = [kept_calibration(lite_fleet.database, use=replace(one.found.use, runtime=f"r {number}")).id for number in range(9)]

    with pytest.raises(PolicyRefusedError, match="at least one calibration"):
        desk(lite_fleet).publish(order())
    with pytest.raises(PolicyRefusedError, match="two for the same"):
        desk(lite_fleet).publish(order(one.id, one.id))
    with pytest.raises(PolicyRefusedError, match="1 to 8"):
        desk(lite_fleet).publish(order(*many))


@pytest.mark.parametrize("days", [0, -1, 3661])
def test_a_policy_lasts_a_day_to_ten_years(lite_fleet: Fleet, days: int) -> None:
    with pytest.raises(InputInvalidError, match="1 to 3660 days"):
        published(lite_fleet, valid_days=days)


def test_a_policy_that_nobody_published_is_not_found(lite_fleet: Fleet) -> None:
    with pytest.raises(PolicyUnknownError, match="pension/9"):
        desk(lite_fleet).find("pension/9")


def test_another_key_does_not_open_a_policy(lite_fleet: Fleet) -> None:
    with pytest.raises(KeyUnknownError):
        open_verified(published(lite_fleet).envelope, Kind.POLICY, {})


def test_bounds_over_persons_are_what_is_signed_when_they_are_wider(lite_fleet: Fleet) -> None:
    calibration = kept_calibration(lite_fleet.database, by_person=Bounds(1, 999_999))

    (said,) = desk(lite_fleet).publish(order(calibration.id)).policy.calibrations

    assert (said.fmr_low_x1e9, said.fmr_high_x1e9) == (1, 999_999)


def test_required_cues_are_signed_and_kept(fleet: Fleet) -> None:
    kept = published(fleet, required_cues=frozenset({"relief", "code"}))

    policy = read_policy(open_verified(kept.envelope, Kind.POLICY, KEYS))
    assert policy.required_cues == {"code", "relief"}
    assert desk(fleet).find("pension-2027/1") == kept


def test_that_something_else_may_be_asked_for_is_signed_and_kept(fleet: Fleet) -> None:
    kept = published(fleet, substitution=True)

    assert read_policy(open_verified(kept.envelope, Kind.POLICY, KEYS)).substitution
    assert desk(fleet).find("pension-2027/1") == kept


def test_a_policy_without_cues_says_nothing_of_them(lite_fleet: Fleet) -> None:
    policy = published(lite_fleet).policy

    assert policy.required_cues == frozenset()
    assert b"policy/1" in policy_payload(policy)


def test_a_cue_that_no_visit_gives_is_not_published(lite_fleet: Fleet) -> None:
    with pytest.raises(PolicyRefusedError, match="claim cues"):
        published(lite_fleet, required_cues=frozenset({"infrared"}))
    assert desk(lite_fleet).all() == ()
