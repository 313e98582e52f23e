"""The verdict on a matcher is what was measured, in words, in the record and on the page; nothing bad slips through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.evaluate.acceptance import Measurement, Trial, reasons_to_refuse, record_of
from edge.evaluate.acceptance_card import card_text
from edge.evaluate.acceptance_gates import Speed, Steadiness
from edge.evaluate.acceptance_proof import prove_among_elders
from edge.evaluate.population import measure_population
from edge.evaluate.population_pictures import Seen
from edge.reference import Eyes
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from models.acceptance import Acceptance, Misses, Verdict
from models.acceptance_file import read_acceptance, write_acceptance
from models.calibration.bands import Member
from models.calibration.errors import CrowdUnusableError
from models.matcher import MatcherCard, MatcherPart
from tests.edge.evaluate.embedders import IDENTITY, PlacedEmbedder
from tests.edge.evaluate.populations import listed, nobody, seen, sightings, strangers
from tests.fakes.networks import Breaking
from tests.models.made_up import card
from wire.result import SCALE

TODAY = date(2026, 11, 23)
CARDS = {"tiny": card(), "small": replace(card(name="small"), licence_note="Of [somebody](http://x) | and <b>others</b>.")}
MATCHER = MatcherCard("made_up", (MatcherPart("tiny", 2), MatcherPart("small", 1)), 1, None)
EYES = Eyes(Detector(Breaking(), 0.5), Aligner(Breaking()), PlacedEmbedder())
STEADY = Steadiness(faces=16, repeats=True, mirrored=0.98, shifted=0.95)


def trial(all_seen: Sequence[Seen], claim: str = "1e-2") -> Trial:
    return Trial(listed(all_seen), (), claim, ())


def measured(all_seen: Sequence[Seen], claim: str = "1e-2", **changes: Any) -> Measurement:
    population = sightings(all_seen)
    elders = prove_among_elders(listed(all_seen), population, (), claim, nobody)
    threshold = elders.proof.threshold_x10000 if elders.proof else SCALE
    found = Measurement(
        elders=elders,
        population=measure_population(listed(all_seen), population, (), threshold, nobody),
        misses=(Misses("portraits", 204, 2, 0.001, 0.035),),
        genuine_lost=0,
        undirected=0,
        steadiness=STEADY,
        speed=Speed(60.0, 50.0),
    )
    return replace(found, **changes)


def recorded(found: Measurement, all_seen: Sequence[Seen]) -> Acceptance:
    return record_of(found, trial(all_seen), EYES, MATCHER, CARDS, TODAY)


def page(found: Measurement, all_seen: Sequence[Seen]) -> str:
    return card_text(recorded(found, all_seen), found, trial(all_seen), CARDS)


@pytest.fixture(scope="module")
def elders() -> list[Seen]:
    return strangers(60)


@pytest.fixture(scope="module")
def good(elders: list[Seen]) -> Measurement:
    return measured(elders)


def test_a_matcher_that_proves_its_claim_is_accepted_with_its_figures(elders: list[Seen], good: Measurement) -> None:
    record = recorded(good, elders)

    assert (record.verdict, record.reasons) == (Verdict.ACCEPTED, ())
    assert (record.matcher, record.digest, record.runtime) == ("made_up", IDENTITY.model_digest, IDENTITY.runtime)
    assert [(part.network, part.weight, part.licence) for part in record.parts] == [
        ("tiny", 2, "CC0-1.0"),
        ("small", 1, "CC0-1.0"),
    ]
    assert record.claim is not None
    assert record.claim.fmr == 0.01
    assert record.claim.population == "set: 60 and over"
    assert record.calibration().comparisons == 60 * 59 // 2
    assert record.speed_ratio == 1.2


def test_the_record_survives_being_written(tmp_path: Path, elders: list[Seen], good: Measurement) -> None:
    record = recorded(good, elders)

    write_acceptance(record, tmp_path / "record.toml")

    assert read_acceptance(tmp_path / "record.toml") == record


def test_old_people_come_first_and_nobody_is_told_twice(good: Measurement, elders: list[Seen]) -> None:
    mixed = [*strangers(40, member=Member(70, "", "hills")), *young(30)]

    alone, together = recorded(good, elders).bands, recorded(measured(mixed), mixed).bands

    assert [band.name for band in alone] == ["60 and over", "70-79"]
    assert [band.name for band in together][:2] == ["60 and over", "hills, 60 and over"]
    assert {"all", "under 60", "across age bands"} <= {band.name for band in together}


def young(count: int) -> list[Seen]:
    dice = np.random.default_rng(11)
    return [seen(f"y{n}.jpg", f"y{n}", dice.normal(size=16), Member(30, "", "shore")) for n in range(count)]


REFUSED = {
    "it never repeats itself": ({"steadiness": replace(STEADY, repeats=False)}, "different numbers"),
    "a mirror throws it off": ({"steadiness": replace(STEADY, mirrored=0.2)}, "its mirror image are as alike as 0.20 only"),
    "a slip throws it off": ({"steadiness": replace(STEADY, shifted=0.3)}, "a little shifted are as alike as 0.30 only"),
    "it is slow": ({"speed": Speed(410.0, 100.0)}, "4.1 times the computing time"),
    "it gives no direction": ({"undirected": 3}, "3 pictures of a face"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_matcher_with_one_fault_is_refused_in_words(fault: str, elders: list[Seen], good: Measurement) -> None:
    changes, words = REFUSED[fault]
    bad = replace(good, **changes)

    (reason,) = reasons_to_refuse(bad)
    record = recorded(bad, elders)

    assert words in reason
    assert (record.verdict, record.reasons) == (Verdict.REFUSED, (reason,))
    assert record.claim is not None


def test_a_matcher_just_at_the_speed_limit_is_let_in(good: Measurement) -> None:
    assert reasons_to_refuse(replace(good, speed=Speed(400.0, 100.0))) == ()


def test_without_a_proof_the_record_has_no_threshold_and_no_rates() -> None:
    five = strangers(5)

    record = recorded(measured(five, misses=()), five)

    assert record.verdict is Verdict.REFUSED
    assert (record.claim, record.bands, record.misses) == (None, (), ())


def test_an_embedding_that_is_no_number_stops_the_trial(elders: list[Seen]) -> None:
    broken = replace(elders[0], embedding=np.full(16, np.nan, dtype=np.float32))

    with pytest.raises(CrowdUnusableError, match="row 0 has length nan"):
        measured([broken, *elders[1:]])


def test_the_page_tells_licence_digest_bands_and_limits(good: Measurement, elders: list[Seen]) -> None:
    text = page(good, elders)

    assert text.startswith("# Matcher made_up: accepted")
    assert IDENTITY.model_digest.hex() in text
    assert "CC0-1.0" in text
    assert "| 60 and over | 60 | 1770 |" in text
    assert "| portraits | 204 | 2 | 0.98 % |" in text
    assert "1.20 times the default matcher's" in text


def test_what_others_wrote_stays_in_its_cell_of_the_page(good: Measurement, elders: list[Seen]) -> None:
    text = page(good, elders)

    assert r"Of \[somebody\](http://x) \| and \<b\>others\</b\>." in text


def test_the_page_of_a_refused_matcher_begins_with_the_reasons(good: Measurement, elders: list[Seen]) -> None:
    slow = replace(good, speed=Speed(900.0, 100.0))

    head = page(slow, elders).splitlines()[:5]

    assert head[0] == "# Matcher made_up: refused"
    assert "no policy may name it" in head[2]
    assert "9.0 times" in head[4]


def test_the_page_names_the_bands_that_are_above_the_claim() -> None:
    dice = np.random.default_rng(6)
    crowded = [seen(f"o{n}.jpg", f"o{n}", dice.normal(size=16) + 0.9, Member(85, "", "shore")) for n in range(20)]
    mixed = [*crowded, *strangers(120, member=Member(65, "", "shore"))]

    assert "Above the claim, though not required to hold it: 80-89 (" in page(measured(mixed), mixed)


def test_names_from_outside_cannot_break_the_record(tmp_path: Path, elders: list[Seen]) -> None:
    dice = np.random.default_rng(6)
    group = Member(70, "", "a\nb\x07")
    odd = [*elders, *(seen(f"o{n}.jpg", f"o{n}", dice.normal(size=16) + 0.7, group) for n in range(40))]
    named = replace(trial(odd), listed=listed(odd, name="set\u202e" + "x" * 100))
    found = measured(odd)

    record = record_of(found, named, EYES, MATCHER, CARDS, TODAY)
    write_acceptance(record, tmp_path / "record.toml")

    assert read_acceptance(tmp_path / "record.toml") == record
    assert record.claim is not None
    assert record.claim.band == "a?b?, 60 and over"
    assert len(record.claim.population) == 64
