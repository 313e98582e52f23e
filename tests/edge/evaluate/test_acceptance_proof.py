"""The threshold is found where strangers look most alike, and where it cannot be proven the matcher is told why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from edge.evaluate.acceptance_proof import ELDERS, ElderFindings, prove_among_elders
from edge.evaluate.one_person import OnePersonPair
from edge.evaluate.population import measure_population
from edge.evaluate.population_pictures import Seen
from models.calibration.bands import Member
from models.calibration.rates import rate
from tests.edge.evaluate.populations import ELDER, listed, nobody, seen, sightings, strangers

HILLS, SHORE = Member(72, "", "hills"), Member(68, "", "shore")


def crowded(count: int, member: Member, seed: int = 5) -> list[Seen]:
    """Persons who look more alike than strangers elsewhere: their directions share one."""
    dice = np.random.default_rng(seed)
    common = np.full(16, 0.6)
    return [seen(f"c{seed}-{n}.jpg", f"c{seed}-{n}", dice.normal(size=16) + common, member) for n in range(count)]


def prove(all_seen: Sequence[Seen], claim: str = "1e-2", one_person: Sequence[OnePersonPair] = ()) -> ElderFindings:
    return prove_among_elders(listed(all_seen), sightings(all_seen), one_person, claim, nobody)


def test_the_proven_threshold_holds_the_claim_by_both_bounds() -> None:
    findings = prove(strangers(60))

    assert findings.failings == ()
    assert findings.proof is not None
    assert findings.proof.band == ELDERS
    (elders,) = findings.bands
    assert elders.name == ELDERS
    assert elders.band.fmr.of == 60 * 59 // 2
    assert max(elders.band.fmr.high, elders.band.by_person.high) <= 0.01


def test_one_ten_thousandth_lower_the_claim_no_longer_holds() -> None:
    people = strangers(60)
    found = prove(people).proof
    assert found is not None

    lower = measure_population(listed(people), sightings(people), (), found.threshold_x10000 - 1, nobody).bands[0]

    assert max(lower.fmr.high, lower.by_person.high) > 0.01


def test_the_group_whose_strangers_look_most_alike_decides() -> None:
    hills, shore = crowded(40, HILLS), strangers(60, member=SHORE)

    together, apart = prove([*hills, *shore]), prove(shore)

    assert together.proof is not None
    assert apart.proof is not None
    assert together.proof.band == f"hills, {ELDERS}"
    assert together.proof.threshold_x10000 > apart.proof.threshold_x10000
    assert [named.name for named in together.bands] == [ELDERS, f"hills, {ELDERS}", f"shore, {ELDERS}"]


def test_a_group_of_whom_there_are_too_few_decides_nothing_and_is_named() -> None:
    findings = prove([*crowded(20, HILLS), *strangers(60, member=SHORE)])

    assert rate(0, 20 * 19 // 2).high > 0.01
    assert findings.too_small == (f"hills, {ELDERS}",)
    assert findings.proof is not None
    assert findings.proof.band != f"hills, {ELDERS}"


def test_the_young_take_no_part() -> None:
    young = crowded(80, Member(30, "", ""))

    with_young, alone = prove([*strangers(60), *young]), prove(strangers(60))

    assert with_young.proof == alone.proof


def test_a_population_without_elders_proves_nothing() -> None:
    findings = prove([*strangers(40, member=Member(59, "", "")), *strangers(5, member=Member(None, "", ""), seed=9)])

    assert findings.proof is None
    assert findings.bands == ()
    assert "60 or older" in findings.failings[0]


def test_a_cohort_of_five_people_proves_nothing() -> None:
    (failing,) = prove(strangers(5)).failings

    assert "cannot be proven with the 10 comparisons" in failing


def test_a_claim_beyond_the_population_is_refused() -> None:
    assert prove(strangers(60), "1e-2").proof is not None
    assert "1e-4 cannot be proven" in prove(strangers(60), "1e-4").failings[0]


def test_twins_who_cannot_be_told_apart_leave_no_threshold_until_they_are_declared_one_person() -> None:
    people = strangers(28)
    twin = seen("twin.jpg", "twin", people[0].embedding.astype(np.float64), ELDER)

    undeclared = prove([*people, twin])
    declared = prove([*people, twin], one_person=[OnePersonPair(people[0].picture.file, "twin.jpg")])

    assert undeclared.proof is None
    assert "supported at no threshold among 60 and over" in undeclared.failings[0]
    assert declared.proof is not None


def test_the_same_picture_under_two_names_is_not_counted_as_two_persons() -> None:
    people = strangers(28)
    copy = seen("copy.jpg", "another name", people[0].embedding.astype(np.float64), ELDER, picture=7)
    first = seen(people[0].picture.file, people[0].picture.person, people[0].embedding.astype(np.float64), ELDER, picture=7)

    assert prove([first, *people[1:], copy]).proof is not None


@pytest.mark.parametrize("claim", ["1e-2", "1e-3"])
def test_a_person_looks_below_the_threshold_where_three_times_the_claim_is_reached(claim: str) -> None:
    findings = prove(strangers(120), claim)
    assert findings.proof is not None

    proof, tally = findings.proof, findings.bands[0].band.tally
    share = tally.rate_at(proof.review_from_x10000).value

    assert proof.review_from_x10000 < proof.threshold_x10000
    assert share is not None
    assert share <= 3 * float(claim)
    assert share > float(claim)
