"""Texture thresholds of a camera: found on half of the people, proven on the other half, and never below what is allowed."""

from __future__ import annotations

from itertools import islice

import pytest

from edge.evaluate.errors import LivingTooFewError
from edge.evaluate.recorded.calibrate import FEWEST_LIVING, calibrate
from edge.evaluate.recorded.replay import Replayed
from edge.evaluate.split import Half
from edge.evaluate.taken import Taken
from models.relief import UNSAVED
from models.texture_threshold import LEAST, LEAST_LIT, Proven
from tests.edge.evaluate.recordings import replayed
from tests.edge.evaluate.sets import subjects
from wire.result import Mode


def shown(half: Half, *textures: float | None, species: str = "live", mode: Mode = Mode.PASSIVE) -> list[Replayed]:
    """One presentation of each texture, each of another person of a half."""
    people = islice(subjects(half), len(textures))
    return [
        replayed(species, Taken.LIVING, texture=texture, subject=subject, mode=mode)
        for subject, texture in zip(people, textures, strict=True)
    ]


def living(fit: float = 0.8, report: float = 0.8, mode: Mode = Mode.PASSIVE) -> list[Replayed]:
    """Just enough people in both halves, those of each with the same texture."""
    textures = {Half.FIT: fit, Half.REPORT: report}
    return [one for half in Half for one in shown(half, *[textures[half]] * FEWEST_LIVING, mode=mode)]


def test_the_half_that_finds_the_threshold_has_no_part_in_what_is_counted_at_it() -> None:
    found = calibrate([*living(0.6127, 0.5), *shown(Half.FIT, 0.9, 0.9, species="mug")], "OV5647")

    assert found.steady == Proven(0.612, living=FEWEST_LIVING, refused=FEWEST_LIVING, attacks=0, passed=0)
    assert (found.camera, found.lit, found.sha256) == ("OV5647", None, UNSAVED)


def test_attacks_of_the_other_half_are_counted_at_the_threshold() -> None:
    found = calibrate([*living(0.6), *shown(Half.REPORT, 0.1, 0.599, 0.6, 0.9, None, species="mug")], "OV5647")

    assert found.steady == Proven(0.6, living=FEWEST_LIVING, refused=0, attacks=4, passed=2)


def test_attacks_do_not_move_the_threshold() -> None:
    attacks = shown(Half.FIT, *[0.99] * 100, species="mug")

    assert calibrate([*living(0.7), *attacks], "OV5647").steady == calibrate(living(0.7), "OV5647").steady


@pytest.mark.parametrize(("mode", "least"), [(Mode.PASSIVE, LEAST), (Mode.ACTIVE, LEAST), (Mode.FULL, LEAST_LIT)])
def test_no_threshold_is_found_below_the_least(mode: Mode, least: float) -> None:
    found = calibrate(living(0.0001, 0.0002, mode), "OV5647")

    proven = found.lit if mode is Mode.FULL else found.steady
    assert proven == Proven(least, living=FEWEST_LIVING, refused=FEWEST_LIVING, attacks=0, passed=0)


def test_a_texture_that_is_always_perfect_leaves_a_threshold_that_can_be_written() -> None:
    found = calibrate(living(1.0, 1.0), "OV5647")

    assert found.steady is not None
    assert found.steady.threshold == 0.999


def test_full_visits_have_a_threshold_of_their_own() -> None:
    found = calibrate([*living(0.7), *living(0.1, 0.1, Mode.FULL)], "OV5647")

    assert found.steady is not None
    assert found.lit is not None
    assert (found.steady.threshold, found.lit.threshold) == (0.7, 0.1)


def test_passive_and_active_visits_count_together() -> None:
    half = FEWEST_LIVING // 2
    both = [one for mode in (Mode.PASSIVE, Mode.ACTIVE) for kind in Half for one in shown(kind, *[0.5] * half, mode=mode)]

    found = calibrate(both, "OV5647").steady

    assert found is not None
    assert found.living == FEWEST_LIVING


@pytest.mark.parametrize("half", Half)
def test_too_few_of_the_living_in_a_half_calibrate_nothing(half: Half) -> None:
    other = Half(1 - half)
    few = [*shown(half, *[0.8] * (FEWEST_LIVING - 1), None), *shown(other, *[0.8] * FEWEST_LIVING)]

    with pytest.raises(LivingTooFewError, match=f"'{half.name.lower()}' of the people has {FEWEST_LIVING - 1} presentations"):
        calibrate(few, "OV5647")


def test_a_second_kind_of_visit_that_was_tried_too_little_is_not_left_out_silently() -> None:
    with pytest.raises(LivingTooFewError):
        calibrate([*living(), *shown(Half.FIT, 0.5, mode=Mode.FULL)], "OV5647")
