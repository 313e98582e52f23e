"""A policy is signed only where every threshold is proven and every matcher accepted, and reaches each unit that needs it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.acceptance import Acceptance, Band, Claim, PartRecord, Verdict
from models.acceptance_file import acceptance_text
from models.digests import Sha256
from models.manifest import load_manifest
from models.matcher import matcher_digest
from provisioning.audit import Action, Actor, audit_entries
from provisioning.calibration.models import Bounds, MatcherUse, StratumCount
from provisioning.devices.models import DeviceState
from provisioning.devices.registry import block_unit
from provisioning.devices.store import DeviceStore
from provisioning.errors import (
    CalibrationUnknownError,
    InputInvalidError,
    MatcherRefusedError,
    PolicyRefusedError,
    PolicyUnfitError,
    PolicyUnknownError,
)
from provisioning.intake import Intake
from provisioning.mqtt import Delivery
from provisioning.outgoing import Leased, lease, mark_published
from provisioning.policy.accepted import MatcherDesk, ShippedMatchers, shipped_matchers
from provisioning.policy.models import KeptPolicy
from provisioning.policy.publish import PolicyDesk, PolicyOrder
from tests.builders import NOW_S, hello
from tests.provisioning.fleet import CENTRE, Fleet, Unit
from tests.provisioning.references import kept_calibration, measured
from wire.envelope import Kind, open_verified
from wire.errors import KeyUnknownError
from wire.hello import hello_payload
from wire.keys import key_id
from wire.policy import SHIPPED_POLICY, read_policy
from wire.reference import Reference, ReferenceClass
from wire.ticket import read_ticket
from wire.topics import Down, Up, up_topic

DAY_S = 86_400
KEYS = {key_id(CENTRE.public_key): CENTRE.public_key}
DIGEST = measured().use.model_digest
ACCEPTED = ShippedMatchers({DIGEST: 4400})
"""As if units were shipped with the matcher of `measured()`."""


def desk(fleet: Fleet, shipped: ShippedMatchers = ACCEPTED) -> PolicyDesk:
    return PolicyDesk(fleet.database, CENTRE, fleet.clock, shipped)


def order(*calibrations: int, name: str = "pension-2027", **changes: Any) -> PolicyOrder:
    return replace(PolicyOrder(name, calibrations, None, 30), **changes)


def published(fleet: Fleet, name: str = "pension-2027", **changes: Any) -> KeptPolicy:
    """The next version of a policy with one calibration."""
    return desk(fleet).publish(order(kept_calibration(fleet.database).id, name=name, **changes))


def leased(fleet: Fleet) -> tuple[Leased, ...]:
    with fleet.database.writing() as transaction:
        return lease(transaction, fleet.clock.now_s(), 50)


def sent(fleet: Fleet) -> list[tuple[str, str]]:
    """What is sent now: unit, and id of the policy or case of the ticket; the broker takes all of it."""
    parcels = leased(fleet)
    with fleet.database.writing() as transaction:
        mark_published(transaction, parcels, fleet.clock.now_s())
    return [(parcel.unit, inside(parcel)) for parcel in parcels]


def inside(parcel: Leased) -> str:
    if parcel.word is Down.POLICY:
        return read_policy(open_verified(parcel.payload, Kind.POLICY, KEYS)).id
    return read_ticket(open_verified(parcel.payload, Kind.TICKET, KEYS)).case


def greet(fleet: Fleet, unit: Unit) -> None:
    said = Delivery(up_topic(unit.name, Up.HELLO), hello_payload(hello(unit=unit.name, last_sequence=0)), False, 1, 1, 1)
    Intake(fleet.database, fleet.book, fleet.clock).take_in([said])


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


def acceptance(**changes: Any) -> Acceptance:
    """The record of a matcher that was measured and accepted, with changes."""
    band = Band("60 and over", 127, 8001, 28, 0.00232, 0.00506, 0.002, 0.006, 5100, 5900)
    record = Acceptance(
        matcher="theirs",
        digest=DIGEST,
        runtime="onnxruntime 1.32.0",
        preparation=1,
        parts=(PartRecord("theirs", Sha256("0a" * 32), 1, "Apache-2.0"),),
        measured_on=date(2026, 11, 23),
        claim=Claim(5400, 4400, 0.01, "60 and over", "Asian people of 60 and more", ReferenceClass.DOCUMENT),
        bands=(band,),
        misses=(),
        speed_ratio=1.2,
        verdict=Verdict.ACCEPTED,
        reasons=(),
    )
    return replace(record, **changes)


NOTHING_SHIPPED = ShippedMatchers({})


def handed_in(fleet: Fleet, folder: Path, record: str) -> MatcherDesk:
    (folder / "record.toml").write_text(record)
    matchers = MatcherDesk(fleet.database, fleet.clock)
    matchers.accept(folder / "record.toml")
    return matchers


def test_a_matcher_that_was_not_accepted_is_in_no_policy(lite_fleet: Fleet) -> None:
    calibration = kept_calibration(lite_fleet.database)

    with pytest.raises(MatcherRefusedError, match="lifecert models accept") as refused:
        desk(lite_fleet, NOTHING_SHIPPED).publish(order(calibration.id))
    assert DIGEST.hex() in str(refused.value)
    assert desk(lite_fleet).all() == ()


def test_an_accepted_matcher_is_in_a_policy(fleet: Fleet, tmp_path: Path) -> None:
    calibration = kept_calibration(fleet.database)
    matchers = handed_in(fleet, tmp_path, acceptance_text(acceptance()))

    assert desk(fleet, NOTHING_SHIPPED).publish(order(calibration.id)).policy.id == "pension-2027/1"

    (kept,) = matchers.all()
    assert (kept.matcher, kept.runtime, kept.model_digest, kept.accepted_at_s) == ("theirs", "onnxruntime 1.32.0", DIGEST, NOW_S)
    with fleet.database.reading() as transaction:
        assert [entry.action for entry in audit_entries(transaction)] == [Action.MATCHER_ACCEPTED, Action.POLICY_PUBLISHED]


@pytest.mark.parametrize("changes", [{"digest": b"\x09" * 32}, {"runtime": "onnxruntime 1.31.0"}])
def test_a_matcher_that_was_accepted_as_another_is_in_no_policy(
    lite_fleet: Fleet, tmp_path: Path, changes: dict[str, Any]
) -> None:
    calibration = kept_calibration(lite_fleet.database)
    handed_in(lite_fleet, tmp_path, acceptance_text(acceptance(**changes)))

    with pytest.raises(MatcherRefusedError, match="was not accepted under"):
        desk(lite_fleet, NOTHING_SHIPPED).publish(order(calibration.id))


def test_a_record_is_taken_in_again_when_it_was_measured_anew(lite_fleet: Fleet, tmp_path: Path) -> None:
    handed_in(lite_fleet, tmp_path, acceptance_text(acceptance()))
    later = acceptance_text(acceptance(measured_on=date(2026, 12, 1)))

    matchers = handed_in(lite_fleet, tmp_path, later)

    assert [kept.record.decode() for kept in matchers.all()] == [later]


REFUSED_RECORDS = {
    "refused": (acceptance_text(acceptance(verdict=Verdict.REFUSED, reasons=("too slow",))), "measured and refused: too slow"),
    "no record": ("nonsense", "cannot be taken"),
    "not text": ("\x00", "cannot be taken"),
    "unproven": (acceptance_text(acceptance()).replace("false_matches = 28", "false_matches = 280"), "cannot be taken"),
    "without its claim": (acceptance_text(acceptance(claim=None, verdict=Verdict.REFUSED, reasons=("x",))).replace(
        'verdict = "refused"', 'verdict = "accepted"').replace('reasons = ["x"]\n', ""), "cannot be taken"),
    "with something unknown": (acceptance_text(acceptance()) + "\n[surprise]\nx = 1\n", "cannot be taken"),
}  # fmt: skip


@pytest.mark.parametrize(("record", "why"), REFUSED_RECORDS.values(), ids=REFUSED_RECORDS.keys())
def test_a_record_that_proves_nothing_is_not_taken_in(lite_fleet: Fleet, tmp_path: Path, record: str, why: str) -> None:
    with pytest.raises(MatcherRefusedError, match=why):
        handed_in(lite_fleet, tmp_path, record)
    assert MatcherDesk(lite_fleet.database, lite_fleet.clock).all() == ()


def test_a_stored_record_that_was_changed_counts_no_more(lite_fleet: Fleet, tmp_path: Path) -> None:
    calibration = kept_calibration(lite_fleet.database)
    handed_in(lite_fleet, tmp_path, acceptance_text(acceptance(digest=b"\x09" * 32)))
    with lite_fleet.database.writing() as transaction:
        transaction.execute(text("UPDATE matchers SET model_digest = :digest"), {"digest": DIGEST})

    with pytest.raises(MatcherRefusedError, match="was not accepted"):
        desk(lite_fleet, NOTHING_SHIPPED).publish(order(calibration.id))


def test_the_shipped_matcher_counts_as_accepted_but_not_below_its_own_review_band(lite_fleet: Fleet) -> None:
    manifest = load_manifest()
    card = manifest.matcher("reid0095_mfn")
    use = MatcherUse(card.name, matcher_digest(card, manifest.cards), "onnxruntime 1.32.0", ReferenceClass.DOCUMENT)
    good, low = (
        kept_calibration(lite_fleet.database, use=use, threshold_x10000=threshold, review_from_x10000=1000)
        for threshold in (card.review_from_x10000, card.review_from_x10000 - 1)
    )
    shipped = shipped_matchers(manifest)

    assert desk(lite_fleet, shipped).publish(order(good.id)).calibrations == (good.id,)
    with pytest.raises(MatcherRefusedError, match="no unit takes a threshold below"):
        desk(lite_fleet, shipped).publish(order(low.id))


def test_a_unit_that_enrols_later_is_sent_the_newest_of_every_policy(fleet: Fleet) -> None:
    for name in ("a", "a", "b"):
        published(fleet, name)
    published(fleet, "ended", valid_days=1)
    fleet.clock.at_s += 2 * DAY_S
    late = fleet.unit()

    greet(fleet, late)

    assert sent(fleet) == [(late.name, "a/2"), (late.name, "b/1")]


def test_a_policy_comes_before_the_ticket_that_names_it(fleet: Fleet) -> None:
    published(fleet)
    late = fleet.unit()

    fleet.ticket(late, "case-7", policy="pension-2027/1")

    assert sent(fleet) == [(late.name, "pension-2027/1"), (late.name, "case-7")]


def test_a_hello_brings_back_the_policies_too_also_an_older_one_that_a_ticket_names(fleet: Fleet) -> None:
    unit = fleet.unit()
    published(fleet)
    fleet.ticket(unit, "case-7", policy="pension-2027/1")
    fleet.clock.at_s += 60
    published(fleet)
    sent(fleet)

    greet(fleet, unit)

    assert sent(fleet) == [(unit.name, "pension-2027/1"), (unit.name, "case-7"), (unit.name, "pension-2027/2")]


def test_an_older_policy_that_no_open_ticket_names_is_not_sent_again(fleet: Fleet) -> None:
    unit = fleet.unit()
    published(fleet)
    published(fleet)
    sent(fleet)

    greet(fleet, unit)

    assert sent(fleet) == [(unit.name, "pension-2027/2")]


def test_a_blocked_unit_is_sent_no_policy(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    sent(lite_fleet)
    with lite_fleet.database.writing() as transaction:
        block_unit(transaction, unit.name, NOW_S, Actor.CONSOLE)
        assert DeviceStore(transaction).all()[0].state is DeviceState.BLOCKED

    greet(lite_fleet, unit)
    published(lite_fleet)

    assert sent(lite_fleet) == []


def test_the_shipped_policy_needs_no_publishing(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()

    assert lite_fleet.ticket(unit, "case-7", policy=SHIPPED_POLICY).policy == SHIPPED_POLICY
    assert sent(lite_fleet) == [(unit.name, "case-7")]


@pytest.mark.parametrize("policy", ["pension-2027/2", "nothing/1", "default/999", "pension-2027"])
def test_a_ticket_under_a_policy_that_nobody_published_is_refused(lite_fleet: Fleet, policy: str) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    sent(lite_fleet)

    with pytest.raises(PolicyUnknownError, match="policy list"):
        lite_fleet.ticket(unit, policy=policy)
    assert sent(lite_fleet) == []


def test_a_ticket_under_a_superseded_policy_is_refused(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    published(lite_fleet)

    with pytest.raises(PolicyUnfitError, match="pension-2027/2 has taken its place"):
        lite_fleet.ticket(unit, policy="pension-2027/1")


def test_a_ticket_that_outlives_its_policy_is_refused(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet, valid_days=1)

    assert lite_fleet.ticket(unit, policy="pension-2027/1", valid_s=DAY_S).policy == "pension-2027/1"
    with pytest.raises(PolicyUnfitError, match="ends before the ticket"):
        lite_fleet.ticket(unit, policy="pension-2027/1", valid_s=DAY_S + 1)


def test_a_ticket_with_a_reference_that_the_policy_proves_nothing_about_is_refused(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    references = (Reference(b"\x0e" * 32, ReferenceClass.DOCUMENT), Reference(b"\x0d" * 32, ReferenceClass.SUPERVISED))

    with pytest.raises(PolicyUnfitError, match="no threshold for references of class supervised"):
        lite_fleet.ticket(unit, policy="pension-2027/1", references=references)


def test_bounds_over_persons_are_what_is_signed_when_they_are_wider(lite_fleet: Fleet) -> None:
    calibration = kept_calibration(lite_fleet.database, by_person=Bounds(1, 999_999))

    (said,) = desk(lite_fleet).publish(order(calibration.id)).policy.calibrations

    assert (said.fmr_low_x1e9, said.fmr_high_x1e9) == (1, 999_999)
