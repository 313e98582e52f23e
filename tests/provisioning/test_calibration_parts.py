"""The pure parts of calibration: rounding, proof, advice, drift, who is told apart, and the list of people under two names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.calibration.bands import Member
from models.calibration.rates import Interval, exact_interval
from provisioning.calibration.advice import advise_on_counts, advise_on_people
from provisioning.calibration.bands import MOST_GROUPS, ages_of, population_of
from provisioning.calibration.drift import Drift, Newer, judge_drift
from provisioning.calibration.models import AgeShare, Bounds, StratumCount
from provisioning.calibration.one_person import merge, read_one_person
from provisioning.calibration.proof import prove, rate_of, wider
from provisioning.calibration.rounding import bounds_of, read_claim, read_threshold
from provisioning.commands.progress import progress_on_stderr
from provisioning.errors import ClaimUnsupportedError, FileUnusableError, InputInvalidError, ListInvalidError
from tests.builders import calibration
from tests.provisioning.references import measured


@pytest.mark.parametrize(
    ("text", "claim"),
    [("1e-3", 1_000_000), ("0.001", 1_000_000), ("1E-4", 100_000), ("0.1", 100_000_000), ("1e-9", 1), ("3.3e-5", 33_000)],
)
def test_a_claim_is_read_without_rounding(text: str, claim: int) -> None:
    assert read_claim(text) == claim


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1e-3", "0.2", "1", "1e-10", "1.5e-9", "nan", "inf", "-inf", "1e999999999", "1e-999999999", "a", "1,5", "0x1"],
)
def test_another_claim_is_refused(text: str) -> None:
    with pytest.raises(InputInvalidError, match="1e-3"):
        read_claim(text)


@pytest.mark.parametrize(("text", "threshold"), [("0.53", 5300), ("0.0001", 1), ("1", 10_000), ("0.5", 5000)])
def test_a_threshold_is_read_in_ten_thousandths(text: str, threshold: int) -> None:
    assert read_threshold(text) == threshold


@pytest.mark.parametrize("text", ["0", "-0.5", "1.0001", "0.53001", "nan", "1e9999999", "high"])
def test_another_threshold_is_refused(text: str) -> None:
    with pytest.raises(InputInvalidError, match=r"0\.53"):
        read_threshold(text)


def test_bounds_are_rounded_outwards() -> None:
    assert bounds_of(Interval(1.5e-9, 2.5e-9)) == Bounds(1, 3)
    assert bounds_of(Interval(0.0, 1.0)) == Bounds(0, 10**9)


def test_the_wider_of_two_bounds_holds_both() -> None:
    assert wider(Bounds(3, 5), Bounds(4, 9)) == Bounds(3, 9)


def test_what_is_signed_are_the_wider_bounds() -> None:
    exact = exact_interval(60, 124_750)

    low, wide = prove(measured()), prove(measured(by_person=Bounds(470_000, 490_000)))

    assert (low.fmr_low_x1e9, low.fmr_high_x1e9) == (300_000, 900_000)
    assert wide.fmr_low_x1e9 <= exact.low * 1e9 <= wide.fmr_low_x1e9 + 1
    assert wide.fmr_high_x1e9 - 1 <= exact.high * 1e9 <= wide.fmr_high_x1e9
    assert (low.threshold_x10000, low.persons, low.comparisons) == (5300, 500, 124_750)


UNSUPPORTED: dict[str, tuple[dict[str, Any], str]] = {
    "too few comparisons": ({"overall": StratumCount("all", 20, 190, 0)}, "needs 3000 comparisons"),
    "too many false matches": ({"overall": StratumCount("all", 500, 124_750, 125)}, "over comparisons"),
    "bounds over persons above the claim": ({"by_person": Bounds(300_000, 1_000_001)}, "over persons"),
    "more errors than comparisons": ({"overall": StratumCount("all", 500, 10, 11)}, "11 errors of 10"),
    "a review above the threshold": ({"review_from_x10000": 5300}, "review_from"),
    "a threshold beyond all": ({"threshold_x10000": 10_001}, "threshold"),
}


@pytest.mark.parametrize(("changes", "why"), UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_counts_that_do_not_support_their_claim_prove_nothing(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ClaimUnsupportedError, match=why):
        prove(measured(**changes))


def test_a_stratum_that_nobody_compared_has_no_rate() -> None:
    assert rate_of(StratumCount("90 and over", 1, 0, 0)).value is None


def test_nothing_odd_asks_for_no_advice() -> None:
    assert advise_on_people(has_elders=True, alike=0, groups_left_out=0) == ()
    assert advise_on_counts(measured(strata=(StratumCount("f", 200, 20_000, 20), StratumCount("x", 1, 0, 0)))) == ()


def test_a_stratum_is_held_against_the_claim_by_what_was_counted() -> None:
    (warning,) = advise_on_counts(measured(strata=(StratumCount("80-89", 90, 4005, 5),)))

    assert warning.startswith("80-89: 0.00125 (5 of 4005) lies above the claim of 0.001")


THEN = (AgeShare("60-69", 60), AgeShare("70-79", 40))


def judged(false_matches: int, comparisons: int, ages: tuple[AgeShare, ...] = THEN, **signed: Any) -> Drift:
    exact = exact_interval(false_matches, comparisons)
    newer = Newer(StratumCount("all", 500, comparisons, false_matches), bounds_of(Interval(exact.low, exact.high)), ages)
    return judge_drift(calibration(**signed), THEN, newer)


def test_a_cohort_like_the_signed_one_has_not_drifted() -> None:
    drift = judged(60, 124_750)

    assert not drift.found
    assert drift.remarks == ()


def test_a_newer_rate_above_the_claim_is_drift() -> None:
    drift = judged(130, 124_750)

    assert drift.found
    assert "0.00104 (130 of 124750), above the claim of 0.001" in drift.alarms[0]


def test_a_newer_interval_that_excludes_what_was_signed_is_drift_even_below_the_claim() -> None:
    drift = judged(100, 124_750)

    assert [alarm.split(",")[0] for alarm in drift.alarms] == ["what was signed"]
    assert "lies below the interval" in drift.alarms[0]


def test_a_newer_rate_far_below_what_was_signed_is_drift_too() -> None:
    drift = judged(10, 124_750)

    assert "lies above the interval" in drift.alarms[0]
    assert "other people, or other pictures" in drift.alarms[0]


def test_too_few_newer_comparisons_are_no_drift_and_no_proof() -> None:
    drift = judged(0, 10)

    assert not drift.found
    assert "10 comparisons do not prove" in drift.remarks[0]


def test_a_single_false_match_among_few_lies_above_the_claim() -> None:
    assert judged(1, 100).found


def test_the_mix_of_ages_is_told_then_and_now() -> None:
    drift = judged(60, 124_750, (AgeShare("70-79", 30), AgeShare("80-89", 70)))

    assert [(shift.band, shift.then_x1000, shift.now_x1000) for shift in drift.ages] == [
        ("70-79", 400, 300),
        ("80-89", 0, 700),
        ("60-69", 600, 0),
    ]
    assert any(remark.startswith("80-89: 0.0 % of the references then, 70.0 % now") for remark in drift.remarks)


def test_ages_that_nobody_knows_are_told_last() -> None:
    members = [Member(age, "", "") for age in (None, 95, 61, 30, 61)]

    assert ages_of(members) == (
        AgeShare("under 60", 1),
        AgeShare("60-69", 2),
        AgeShare("90 and over", 1),
        AgeShare("age unknown", 1),
    )


def test_only_the_largest_groups_keep_their_word() -> None:
    members = [Member(70, "f", f"g{group}") for group in range(30) for _ in range(30 - group)] + [Member(70, "f", "")]

    population = population_of(members)

    assert {member.group for member in population.members} == {"", *(f"g{group}" for group in range(MOST_GROUPS))}
    assert population.left_out == 10
    assert len(population.members) == len(members)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_is_read_with_its_lines_and_whatever_other_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "same.csv", "\ufeffnote,a,b\nseen, p1 ,p2\n,p3,p4\n")

    assert [(pair.line, pair.one, pair.other) for pair in read_one_person(path)] == [(2, "p1", "p2"), (3, "p3", "p4")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("one,other\np1,p2\n", 1),
        ("a\np1\n", 1),
        ("a,b\np1,p2\np3\n", 3),
        ("a,b\np1,\n", 2),
        ('a,b\n"p1,p2\n', 1),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_by_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ListInvalidError, match=f"line {line}:"):
        read_one_person(written(tmp_path / "same.csv", text))


def test_a_list_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "same.csv"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ListInvalidError, match="UTF-8"):
        read_one_person(path)
    with pytest.raises(FileUnusableError):
        read_one_person(tmp_path / "nothing.csv")


def test_nobody_is_merged_without_a_list() -> None:
    merged = merge(["a", "b", "a"], (), "")

    assert (merged.persons, merged.fewer) == (("a", "b", "a"), 0)


def test_progress_is_told_at_each_tenth_of_a_long_way_only(capsys: pytest.CaptureFixture[str]) -> None:
    tell = progress_on_stderr()

    for done in range(0, 10**7 + 1, 10**4):
        tell("all against all", done, 10**7)
    tell("person by person", 5, 10)
    tell("nothing at all", 0, 0)

    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 10
    assert said.err.splitlines()[-1] == "all against all: 100 % of 10000000 comparisons"
