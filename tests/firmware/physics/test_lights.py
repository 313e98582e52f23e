"""Every variant of a place lies within the bounds of that place, and no two are alike."""

import numpy as np
import pytest

from firmware.frame import Emitter
from firmware.twin.physics.lights import INFRARED_SHARE, PLACE_VARIANTS, PLACES, Place, Rig, ambient_of

ALL = [(place, variant) for place in Place for variant in range(PLACE_VARIANTS)]


def _strength(place: Place, variant: int) -> float:
    """By the green pixels, whose tint is known."""
    return ambient_of(place, variant).visible[1] / PLACES[place][2][1]


@pytest.mark.parametrize(("place", "variant"), ALL)
def test_a_variant_lies_within_the_bounds_of_its_place(place: Place, variant: int) -> None:
    ambient = ambient_of(place, variant)

    least, most, colour = PLACES[place]
    strength = _strength(place, variant)
    share_least, share_most = INFRARED_SHARE[place]
    assert least <= strength <= most
    assert ambient.visible == pytest.approx([strength * tint for tint in colour])
    assert share_least * strength <= ambient.infrared <= share_most * strength
    assert float(np.linalg.norm(ambient.direction)) == pytest.approx(1)
    assert 0 <= ambient.diffuse_share <= 1


@pytest.mark.parametrize(("place", "variant"), ALL)
def test_light_comes_from_above_and_before_the_face(place: Place, variant: int) -> None:
    _, down, towards = ambient_of(place, variant).direction

    assert down < 0 < towards


@pytest.mark.parametrize("place", list(Place))
def test_no_two_variants_are_alike_and_each_is_always_the_same(place: Place) -> None:
    variants = [ambient_of(place, variant) for variant in range(PLACE_VARIANTS)]

    assert len({ambient.infrared for ambient in variants}) == PLACE_VARIANTS
    assert len({ambient.direction for ambient in variants}) == PLACE_VARIANTS
    assert variants == [ambient_of(place, variant) for variant in range(PLACE_VARIANTS)]


@pytest.mark.parametrize("parity", [0, 1])
@pytest.mark.parametrize("place", list(Place))
def test_the_variants_for_fitting_and_for_reporting_both_span_the_place(place: Place, parity: int) -> None:
    strengths = [_strength(place, variant) for variant in range(parity, PLACE_VARIANTS, 2)]

    least, most, _ = PLACES[place]
    assert max(strengths) / min(strengths) > (most / least) ** 0.4


def test_places_differ_by_their_light() -> None:
    red_over_blue = {place: (visible := ambient_of(place, 0).visible)[2] / visible[0] for place in Place}

    assert max(red_over_blue, key=lambda place: red_over_blue[place]) is Place.WARM_LED
    assert ambient_of(Place.DARK, 0).visible[1] < ambient_of(Place.OFFICE, 0).visible[1] < ambient_of(Place.SUN, 0).visible[1]


def test_the_lamps_sit_where_their_names_say() -> None:
    places = Rig().places

    assert places[Emitter.LEFT][0] < 0 < places[Emitter.RIGHT][0]
    assert places[Emitter.TOP][1] < 0
    assert set(places) == set(Rig().power) == set(Emitter)
