"""Rates of recorded presentations, counted by hand, with intervals that another library finds as well."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from edge.evaluate.recorded.report import FEWEST, weigh_replayed
from edge.evaluate.taken import Taken
from models.calibration.rates import Rate, rate
from tests.edge.evaluate.recordings import replayed
from wire.result import Mode

LIVING, ATTACK, UNDONE, NOTHING = Taken.LIVING, Taken.ATTACK, Taken.UNDONE, Taken.NOTHING


def interval(errors: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson by the quantiles of beta distributions."""
    low = float(beta.ppf(0.025, errors, of - errors + 1)) if errors else 0.0
    high = float(beta.ppf(0.975, errors + 1, of - errors)) if errors < of else 1.0
    return low, high


def test_living_people_who_do_not_pass_are_the_bpcer_and_silent_ones_are_counted_apart() -> None:
    report = weigh_replayed([replayed(taken=taken) for taken in (LIVING, LIVING, ATTACK, UNDONE, NOTHING)])

    assert (report.bpcer, report.bpnrr) == (rate(2, 4), rate(1, 5))
    assert report.species == ()
    assert report.worst is None


def test_living_people_are_accepted_when_their_photo_fits_too() -> None:
    report = weigh_replayed([replayed(accepted=True), replayed(), replayed(taken=NOTHING)])

    assert report.accepted == rate(1, 3)


def test_each_species_has_its_own_apcer_apnrr_and_iapar() -> None:
    report = weigh_replayed(
        [
            replayed("mug", LIVING, accepted=True),
            replayed("mug", LIVING),
            replayed("mug", ATTACK),
            replayed("mug", NOTHING),
            replayed("phone", UNDONE),
        ]
    )

    mug, phone = report.species
    assert (mug.species, mug.apcer, mug.apnrr, mug.iapar) == ("mug", rate(2, 3), rate(1, 4), rate(1, 4))
    assert (phone.species, phone.apcer, phone.apnrr, phone.iapar) == ("phone", rate(0, 1), rate(0, 1), rate(0, 1))


def test_the_worst_species_stands_first_as_far_as_can_be_told() -> None:
    """Nothing is known of a species that was shown once; one in ten is worse than none in ten."""
    report = weigh_replayed(
        [
            *(replayed("mug", ATTACK) for _ in range(10)),
            *(replayed("phone", LIVING if number == 0 else ATTACK) for number in range(10)),
            replayed("vinyl_print", ATTACK),
        ]
    )

    assert [one.species for one in report.species] == ["vinyl_print", "phone", "mug"]
    assert report.worst is report.species[0]


def test_of_species_alike_in_apcer_the_one_that_is_accepted_stands_first() -> None:
    report = weigh_replayed([replayed("mug", LIVING), replayed("phone", LIVING, accepted=True)])

    assert [one.species for one in report.species] == ["phone", "mug"]


def test_artefacts_people_and_operators_are_counted_once_each() -> None:
    report = weigh_replayed(
        [
            replayed("mug", ATTACK, artefact="white", subject="S1", operator="W1"),
            replayed("mug", ATTACK, artefact="black", subject="S1", operator="W2"),
            replayed("mug", ATTACK, artefact="white", subject="S2", operator="W2"),
            replayed(subject="S3", operator="W3"),
        ]
    )

    (mug,) = report.species
    assert (mug.artefacts, mug.subjects) == (2, 2)
    assert (report.subjects, report.operators) == (3, 3)


def test_places_have_rates_of_their_own() -> None:
    report = weigh_replayed(
        [
            replayed(place="sun", taken=ATTACK),
            replayed(place="office"),
            replayed("mug", LIVING, place="sun"),
            replayed("phone", ATTACK, place="sun"),
        ]
    )

    assert [(one.place, one.bpcer, one.apcer) for one in report.places] == [
        ("office", rate(0, 1), rate(0, 0)),
        ("sun", rate(1, 1), rate(1, 2)),
    ]


def test_a_species_with_too_few_responses_is_named() -> None:
    enough, silent = [replayed("mug", ATTACK)] * FEWEST, [replayed("phone", ATTACK)] * (FEWEST - 1) + [replayed("phone", NOTHING)]

    assert weigh_replayed([*enough, *silent]).too_few == ("phone",)


def test_the_fewest_are_the_fewest_that_can_show_seven_percent() -> None:
    assert interval(0, FEWEST)[1] <= 0.07 < interval(0, FEWEST - 1)[1]


@pytest.mark.parametrize(("errors", "of"), [(0, 1), (1, 1), (0, 51), (3, 51), (51, 51), (17, 60), (1, 900)])
def test_intervals_are_those_of_clopper_and_pearson(errors: int, of: int) -> None:
    report = weigh_replayed([replayed("mug", LIVING if number < errors else ATTACK) for number in range(of)])

    found: Rate = report.species[0].apcer
    assert (found.errors, found.of) == (errors, of)
    assert (found.low, found.high) == pytest.approx(interval(errors, of), rel=1e-9)


def test_no_presentation_leaves_every_share_possible() -> None:
    report = weigh_replayed([])

    assert (report.bpcer.value, report.bpcer.low, report.bpcer.high) == (None, 0.0, 1.0)
    assert (report.places, report.too_few, report.subjects) == ((), (), 0)


def test_the_mode_of_a_visit_does_not_matter_for_what_it_counts_as() -> None:
    report = weigh_replayed([replayed("mug", LIVING, mode=mode) for mode in Mode])

    assert report.species[0].apcer == rate(3, 3)
