"""Who counts as a stranger to whom, band by band, and what is listed for people to look at."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from edge.evaluate.one_person import OnePersonPair
from edge.evaluate.population import measure_population
from edge.evaluate.population_pictures import Seen
from edge.evaluate.population_report import PopulationReport
from models.calibration.bands import Member
from models.calibration.errors import CrowdUnusableError
from models.calibration.rates import Rate
from tests.edge.evaluate.populations import ELDER, listed, nobody, seen, sightings, strangers


def measured(pictures: list[Seen], *one_person: OnePersonPair, threshold: int = 5000) -> PopulationReport:
    return measure_population(listed(pictures), sightings(pictures), one_person, threshold, nobody)


def test_everybody_is_compared_with_everybody_else_once() -> None:
    pictures = strangers(40)

    found = measured(pictures, threshold=3000)

    scores = [float(one.embedding @ other.embedding) for one, other in combinations(pictures, 2)]
    assert (found.persons, found.left_out) == (40, 0)
    assert (found.bands[0].fmr.errors, found.bands[0].fmr.of) == (sum(score >= 0.3 for score in scores), len(scores))
    assert [pair.similarity_x10000 for pair in found.alike] == [
        int(np.floor(score * 10_000)) for score in sorted(scores, reverse=True)[:20]
    ]


def test_pictures_of_one_person_tell_how_often_he_is_missed() -> None:
    pictures = [seen("a1", "a", [1, 0]), seen("a2", "a", [1, 1]), seen("a3", "a", [0, 1]), seen("b", "b", [-1, 0])]

    found = measured(pictures)

    assert (found.fnmr.errors, found.fnmr.of) == (1, 3)
    assert found.bands[0].fmr.of == 3


def test_the_same_picture_under_two_names_is_listed_and_not_counted() -> None:
    pictures = [seen("a", "a", [1, 0], picture=1), seen("b", "b", [1, 0], picture=1), seen("c", "c", [0, 1])]

    found = measured(pictures)

    assert [(twin.a, twin.b, twin.two_persons) for twin in found.twins] == [("a", "b", True)]
    assert (found.bands[0].fmr.errors, found.bands[0].fmr.of, found.left_out) == (0, 2, 1)
    assert ("a", "b") not in {(pair.a, pair.b) for pair in found.alike}


def test_the_same_picture_twice_of_one_person_says_nothing_about_how_often_he_is_missed() -> None:
    pictures = [
        *(seen("a1", "a", [1, 0], picture=1), seen("a2", "a", [1, 0], picture=1)),
        *(seen("a3", "a", [0, 1]), seen("b", "b", [-1, 0])),
    ]

    found = measured(pictures)

    assert [twin.two_persons for twin in found.twins] == [False]
    assert found.fnmr.of == 2
    assert (found.bands[0].fmr.of, found.left_out) == (3, 0)


def test_twins_stand_in_the_tail_until_somebody_has_looked_at_them() -> None:
    pictures = [seen("a", "a", [1, 0.1]), seen("b", "b", [1, 0]), seen("c", "c", [0, 1])]

    as_listed, looked_at = measured(pictures), measured(pictures, OnePersonPair("a", "b"))

    assert (as_listed.alike[0].a, as_listed.alike[0].b) == ("a", "b")
    assert (as_listed.bands[0].fmr.errors, as_listed.bands[0].fmr.of) == (1, 3)
    assert (looked_at.bands[0].fmr.errors, looked_at.bands[0].fmr.of) == (0, 2)
    assert (looked_at.declared, looked_at.left_out) == (1, 1)


def test_one_person_under_three_names_is_compared_with_none_of_them() -> None:
    pictures = [seen("a", "a", [1, 0]), seen("b", "b", [1, 0]), seen("c", "c", [1, 0]), seen("d", "d", [0, 1])]

    found = measured(pictures, OnePersonPair("a", "b"), OnePersonPair("b", "c"))

    assert (found.bands[0].fmr.of, found.left_out) == (3, 3)


def test_a_declared_pair_of_which_a_picture_was_lost_changes_nothing() -> None:
    found = measured([seen("a", "a", [1, 0]), seen("b", "b", [1, 0])], OnePersonPair("a", "lost"))

    assert (found.bands[0].fmr.of, found.left_out) == (1, 0)


def test_a_picture_that_matches_many_is_named_as_a_hub() -> None:
    pictures = [*strangers(12), seen("hub.jpg", "hub", np.ones(16))]
    for each in pictures[:5]:
        each.embedding[:] = pictures[-1].embedding

    found = measured(pictures, threshold=9000)

    assert [(hub.file, hub.false_matches) for hub in found.hubs[:1]] == [("00000.jpg", 5)]
    assert {hub.file for hub in found.hubs} == {"hub.jpg", *(f"{n:05}.jpg" for n in range(5))}


def test_bands_are_told_within_and_across() -> None:
    old, young = Member(70, "f", "north"), Member(30, "m", "south")
    pictures = [
        *strangers(6, member=old),
        *(seen(f"y{n}", f"y{n}", np.arange(16) == n, young) for n in range(4)),
    ]

    found = measured(pictures)

    assert {band.tally.name: (band.tally.persons, band.fmr.of) for band in found.bands} == {
        "all": (10, 45),
        "under 60": (4, 6),
        "70-79": (6, 15),
        "across age bands": (10, 24),
        "60 and over": (6, 15),
        "f": (6, 15),
        "m": (4, 6),
        "across sexes": (10, 24),
        "north": (6, 15),
        "south": (4, 6),
        "across groups": (10, 24),
    }


def test_a_supported_threshold_holds_what_it_claims_and_is_not_below_the_counted_one() -> None:
    found = measured(strangers(80))

    (needed, *_) = found.bands[0].thresholds
    assert needed.counted_x10000 is not None
    assert needed.supported_x10000 is not None
    assert needed.supported_x10000 > needed.counted_x10000
    at_counted, at_supported = (found.bands[0].tally.rate_at(at) for at in (needed.counted_x10000, needed.supported_x10000))
    assert at_counted.value is not None
    assert at_counted.value <= 0.01 < at_counted.high
    assert at_supported.high <= 0.01


def test_five_persons_resolve_no_threshold_and_that_is_said() -> None:
    found = measured(strangers(5))

    assert [(needed.counted_x10000, needed.supported_x10000) for needed in found.bands[0].thresholds] == [(None, None)] * 3
    assert "there are only 5 persons: whatever is told of them may be otherwise for others" in found.warnings
    assert "FMR 1e-3 cannot be resolved: there are only 10 comparisons of two persons" in found.warnings


def test_without_anybody_of_sixty_the_claim_is_not_tested() -> None:
    young = measured(strangers(3, member=Member(59, "", "")))
    old = measured(strangers(3, member=ELDER))

    assert [word for word in young.warnings if "60 or older" in word]
    assert not [word for word in old.warnings if "60 or older" in word]


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_to_compare_with_is_no_fault(count: int) -> None:
    found = measured(strangers(count))

    assert found.bands[0].fmr == Rate(None, 0, 0, 0.0, 1.0)
    assert (found.alike, found.hubs, found.persons) == ((), (), count)


def test_an_embedding_that_is_no_number_is_refused() -> None:
    pictures = strangers(3)
    pictures[1].embedding[0] = np.nan

    with pytest.raises(CrowdUnusableError, match="row 1 has length nan"):
        measured(pictures)
