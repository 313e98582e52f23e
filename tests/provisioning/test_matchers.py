"""A policy names only matchers that are shipped, or whose record proves what it claims."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.acceptance import Verdict
from models.acceptance_file import acceptance_text
from models.manifest import load_manifest
from models.matcher import matcher_digest
from provisioning.audit import Action, audit_entries
from provisioning.calibration.models import MatcherUse
from provisioning.errors import (
    MatcherRefusedError,
)
from provisioning.policy.accepted import MatcherDesk, ShippedMatchers, shipped_matchers
from tests.builders import NOW_S
from tests.provisioning.fleet import Fleet
from tests.provisioning.publishing import DIGEST, acceptance, desk, order
from tests.provisioning.references import kept_calibration
from wire.reference import ReferenceClass

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
