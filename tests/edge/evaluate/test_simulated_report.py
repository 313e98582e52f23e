"""Rates of simulated attacks, counted by hand on made-up outcomes."""

from __future__ import annotations

from edge.evaluate.simulated.plan import FORGERIES, Forgery
from edge.evaluate.simulated.report import Ablation, SimulatedReport, weigh_outcomes
from edge.flow import CueKind, Standing
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import ATTACKS, Species
from models.calibration.rates import rate
from tests.edge.evaluate.outcomes import outcome

DENIED, MISSING = Standing.DENIED, Standing.MISSING
MUG, PHONE, VINYL = Species.MUG, Species.PHONE, Species.VINYL_PRINT


def without(report: SimulatedReport, cue: CueKind) -> Ablation:
    """The figures with this cue switched off."""
    (found,) = (each for each in report.ablations if each.without is cue)
    return found


def test_living_people_who_do_not_pass_are_the_bpcer_and_silent_ones_are_counted_apart() -> None:
    report = weigh_outcomes([outcome(), outcome(relief=DENIED), outcome(action=MISSING), outcome(texture=MISSING)])

    assert report.bpcer == rate(2, 3)
    assert report.called_attack == rate(1, 3)
    assert report.bpnrr == rate(1, 4)
    assert report.presentations == 4


def test_the_living_are_counted_by_place() -> None:
    report = weigh_outcomes([outcome(place=Place.SUN, relief=DENIED), outcome(place=Place.SUN), outcome(place=Place.DARK)])

    assert (report.bpcer_by_place[Place.SUN], report.bpcer_by_place[Place.DARK]) == (rate(1, 2), rate(0, 1))
    assert report.bpcer_by_place[Place.WINDOW] == rate(0, 0)


def test_attacks_with_a_response_that_pass_are_the_apcer_of_their_species() -> None:
    report = weigh_outcomes([outcome(MUG), outcome(MUG, code=DENIED), outcome(MUG, code=MISSING), outcome(PHONE, relief=DENIED)])

    assert (report.apcer[MUG], report.apnrr[MUG]) == (rate(1, 2), rate(1, 3))
    assert report.apcer[PHONE] == rate(0, 1)
    assert report.apcer.keys() == set(ATTACKS)


def test_an_attack_that_only_did_not_do_what_was_asked_neither_passes_nor_is_called_one() -> None:
    report = weigh_outcomes([outcome(MUG, action=MISSING), outcome(MUG, texture=DENIED)])

    assert report.apcer[MUG] == rate(0, 2)
    assert report.called_attacks[MUG] == rate(1, 2)


def test_cells_stand_worst_first_and_silence_is_no_acceptance() -> None:
    report = weigh_outcomes(
        [
            *(outcome(PHONE, Place.DARK, relief=DENIED) for _ in range(3)),
            *(outcome(VINYL, Place.SUN, code=MISSING) for _ in range(3)),
            outcome(MUG, Place.OFFICE),
            *(outcome(MUG, Place.OFFICE, relief=DENIED) for _ in range(2)),
        ]
    )

    assert [(cell.species, cell.place) for cell in report.cells] == [
        (MUG, Place.OFFICE),
        (VINYL, Place.SUN),
        (PHONE, Place.DARK),
    ]
    worst, silent, _ = report.cells
    assert (worst.accepted, worst.apcer, worst.apnrr) == (rate(1, 3), rate(1, 3), rate(0, 3))
    assert (silent.accepted, silent.apcer, silent.apnrr) == (rate(0, 3), rate(0, 0), rate(3, 3))


def test_each_cue_that_is_switched_off_shows_what_only_it_denied() -> None:
    report = weigh_outcomes(
        [
            outcome(MUG, relief=DENIED),
            outcome(MUG, relief=DENIED, texture=DENIED),
            outcome(texture=DENIED),
            outcome(forgery=Forgery.INJECTED, code=DENIED),
        ]
    )

    assert (report.apcer[MUG], report.bpcer, report.wrong_code) == (rate(0, 2), rate(1, 1), rate(0, 1))
    assert without(report, CueKind.RELIEF).apcer[MUG] == rate(1, 2)
    assert without(report, CueKind.TEXTURE).bpcer == rate(0, 1)
    assert without(report, CueKind.TEXTURE).apcer[MUG] == rate(0, 2)
    assert without(report, CueKind.CODE).wrong_code == rate(1, 1)
    assert [each.without for each in report.ablations] == list(CueKind)


def test_whoever_was_not_heard_out_says_nothing_about_a_cue_that_is_switched_off() -> None:
    report = weigh_outcomes([outcome(MUG, relief=DENIED), outcome(MUG, relief=DENIED, heard_out=False)])

    assert report.apcer[MUG] == rate(0, 2)
    assert without(report, CueKind.RELIEF).apcer[MUG] == rate(1, 1)


def test_forged_streams_are_counted_apart_and_all_of_them_count() -> None:
    report = weigh_outcomes(
        [
            outcome(forgery=Forgery.DELAYED),
            outcome(forgery=Forgery.DELAYED, code=MISSING),
            outcome(forgery=Forgery.WRONG_CODE, code=DENIED),
            outcome(),
        ]
    )

    assert report.wrong_code == rate(1, 3)
    assert report.forgeries == {
        Forgery.WRONG_CODE: rate(0, 1),
        Forgery.DELAYED: rate(1, 2),
        Forgery.INJECTED: rate(0, 0),
    }
    assert report.forgeries.keys() == set(FORGERIES)
    assert report.bpcer == rate(0, 1)


def test_nothing_at_all_leaves_every_share_possible() -> None:
    report = weigh_outcomes([])

    assert report.bpcer.value is None
    assert (report.bpcer.low, report.bpcer.high) == (0, 1)
    assert report.cells == ()
