"""The record of an acceptance is read back as it was written, and one that does not prove its claim does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.acceptance import Acceptance, Band, Claim, Misses, PartRecord, Verdict, accepted_digests
from models.acceptance_file import acceptance_text, parse_acceptance, read_acceptance, write_acceptance
from models.digests import Sha256
from models.errors import AcceptanceInvalidError, AcceptanceNotWrittenError
from wire.policy import ReferenceClass

RUNTIME = "onnxruntime 1.32.0"


def elders(**changes: Any) -> Band:
    band = Band(
        name="60 and over",
        people=127,
        comparisons=8001,
        false_matches=28,
        low=0.0023266553008369677,
        high=0.005053900276476998,
        low_by_person=0.0015,
        high_by_person=0.0071,
        threshold_1e2_x10000=4900,
        threshold_1e3_x10000=None,
    )
    return replace(band, **changes)


def claim(**changes: Any) -> Claim:
    return replace(Claim(5400, 4400, 0.01, "60 and over", 'Asian people, "portraits"', ReferenceClass.DOCUMENT), **changes)


def record(**changes: Any) -> Acceptance:
    accepted = Acceptance(
        matcher="licensed",
        digest=bytes(range(32)),
        runtime=RUNTIME,
        preparation=1,
        parts=(PartRecord("licensed", Sha256("ab" * 32), 3, "LicenseRef-Contract"),),
        measured_on=date(2026, 11, 23),
        claim=claim(),
        bands=(elders(), elders(name="Menschen, 80–89", comparisons=0, false_matches=0, low=0.0, high=1.0)),
        misses=(Misses("portraits", 204, 2, 1e-05, 0.035),),
        speed_ratio=1.83,
        verdict=Verdict.ACCEPTED,
        reasons=(),
    )
    return replace(accepted, **changes)


def refused() -> Acceptance:
    return record(
        verdict=Verdict.REFUSED, reasons=("nobody is 60 and over", "it is slow: 7.1 times"), claim=None, bands=(), misses=()
    )


@pytest.mark.parametrize("written", [record(), refused()], ids=["accepted", "refused"])
def test_a_record_is_read_back_as_it_was_written(tmp_path: Path, written: Acceptance) -> None:
    path = tmp_path / "licensed.accepted.toml"

    write_acceptance(written, path)

    assert read_acceptance(path) == written
    assert parse_acceptance(path.read_bytes(), "x") == written
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_later_record_takes_the_place_of_the_former(tmp_path: Path) -> None:
    path = tmp_path / "licensed.accepted.toml"

    write_acceptance(record(), path)
    write_acceptance(refused(), path)

    assert read_acceptance(path).verdict is Verdict.REFUSED


def test_a_record_that_cannot_be_written_leaves_the_former_alone(tmp_path: Path) -> None:
    with pytest.raises(AcceptanceNotWrittenError, match="gone"):
        write_acceptance(record(), tmp_path / "gone" / "licensed.toml")


def test_what_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    two_lines = record(misses=(Misses("two\nlines", 1, 0, 0.0, 1.0),))

    with pytest.raises(AcceptanceInvalidError, match="genuine"):
        write_acceptance(two_lines, tmp_path / "licensed.toml")

    assert list(tmp_path.iterdir()) == []


def test_the_calibration_takes_the_wider_of_the_two_intervals() -> None:
    calibration = record().calibration()

    assert (calibration.threshold_x10000, calibration.review_from_x10000) == (5400, 4400)
    assert (calibration.false_matches, calibration.comparisons, calibration.persons) == (28, 8001, 127)
    assert (calibration.fmr_low_x1e9, calibration.fmr_high_x1e9) == (1_500_000, 7_100_000)
    assert calibration.runtime == RUNTIME
    assert calibration.model_digest == bytes(range(32))


def test_rates_are_shares_of_what_was_counted_and_none_of_nothing() -> None:
    counted, empty = record().bands

    assert counted.fmr == pytest.approx(0.0035, abs=1e-5)
    assert empty.fmr is None
    assert record().misses[0].fnmr == pytest.approx(2 / 204)


def test_only_the_accepted_count_and_only_under_their_runtime() -> None:
    other = record(digest=b"o" * 32, runtime="onnxruntime 1.33.0")
    records = [record(), replace(refused(), digest=b"r" * 32), other]

    assert accepted_digests(records, RUNTIME) == {bytes(range(32))}
    assert accepted_digests(records, "onnxruntime 1.33.0") == {b"o" * 32}
    assert accepted_digests(records, "onnxruntime 1.34.0") == frozenset()


UNPROVEN: Mapping[str, Mapping[str, Any]] = {
    "an upper bound over comparisons above the claim": {"bands": (elders(high=0.0101),)},
    "an upper bound over persons above the claim": {"bands": (elders(high_by_person=0.0101),)},
    "too few comparisons for the claim": {"claim": claim(fmr=0.0001)},
    "a review band that begins at the threshold": {"claim": claim(review_from_x10000=5400)},
    "a band that was not counted": {"claim": claim(band="all")},
    "no claim": {"claim": None},
    "a band that counted nothing": {"claim": claim(band="Menschen, 80–89")},
    "an interval without the count": {"bands": (elders(low=0.0036, low_by_person=0.0036),)},
    "a reason to refuse": {"reasons": ("it is slow",)},
    "a refusal without a reason": {"verdict": Verdict.REFUSED},
    "a short digest": {"digest": b"short"},
    "one band twice": {"bands": (elders(), elders())},
}


@pytest.mark.parametrize("fault", UNPROVEN)
def test_a_record_that_does_not_prove_its_claim_cannot_be_made(fault: str) -> None:
    with pytest.raises(AcceptanceInvalidError, match="licensed"):
        record(**UNPROVEN[fault])


FAULTS = {
    "an unknown key": ("preparation = 1", "preparation = 1\nnote = 'x'", "note"),
    "another format": ("format = 1", "format = 2", "format"),
    "a verdict of its own": ('verdict = "accepted"', 'verdict = "fine"', "verdict"),
    "a digest in capitals": ('digest = "0001', 'digest = "000A', "digest"),
    "a runtime of two lines": (f'runtime = "{RUNTIME}"', 'runtime = "a\\nb"', "runtime"),
    "a ratio that is no number": ("speed_ratio = 1.83", "speed_ratio = nan", "speed_ratio"),
    "a ratio of nothing": ("speed_ratio = 1.83", "speed_ratio = 0.0", "speed_ratio"),
    "a day that is a text": ("measured_on = 2026-11-23", 'measured_on = "2026-11-23"', "measured_on"),
    "more errors than comparisons": ("false_matches = 28", "false_matches = 8002", "false_matches"),
    "a bound above 1": ("high_by_person = 0.0071", "high_by_person = 1.5", "high_by_person"),
    "a bound that is no number": ("high_by_person = 0.0071", "high_by_person = nan", "high_by_person"),
    "a higher bound than the claim": ("high_by_person = 0.0071", "high_by_person = 0.02", "fmr_high"),
    "a threshold beyond all scores": ("threshold_x10000 = 5400", "threshold_x10000 = 10001", "threshold_x10000"),
    "a name with a bell": ('name = "portraits"', 'name = "port\\u0007raits"', "name"),
    "a population of a whole page": ("Asian people", "Asian people" * 10, "population"),
    "no network": ("[[network]]", "[[networks]]", "network"),
    "no band": ("[[band]]", "[[bands]]", "band"),
    "more misses than pairs": ("missed = 2", "missed = 205", "missed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_record_with_one_fault_is_refused_by_its_key(fault: str) -> None:
    right, wrong, key = FAULTS[fault]
    text = acceptance_text(record())
    assert right in text

    with pytest.raises(AcceptanceInvalidError) as refusal:
        parse_acceptance(text.replace(right, wrong).encode(), "licensed.toml")

    assert refusal.value.key == key


@pytest.mark.parametrize("content", [b"", b"\xff", b"format = [", b"x = " + b"[" * 100_000, b"x = " + b"9" * 10_000])
def test_a_file_that_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(AcceptanceInvalidError, match="handed in"):
        parse_acceptance(content, "handed in")


def test_a_record_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AcceptanceInvalidError, match=r"gone\.toml"):
        read_acceptance(tmp_path / "gone.toml")


def test_a_record_that_cannot_be_written_leaves_nothing_half_done(tmp_path: Path) -> None:
    (tmp_path / "taken.toml").mkdir()

    with pytest.raises(AcceptanceNotWrittenError, match=r"taken\.toml"):
        write_acceptance(record(), tmp_path / "taken.toml")

    assert [path.name for path in tmp_path.iterdir()] == ["taken.toml"]
