"""Who is staged has the eyes as far apart in the picture as asked for, wherever and whatever they are."""

from dataclasses import replace

import numpy as np
import pytest

from firmware.frame import Emitter
from firmware.twin.physics.geometry import Lens
from firmware.twin.physics.lights import Place
from firmware.twin.physics.motion import Expression
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.species import Species
from firmware.twin.physics.surface import Photo, texture_of
from firmware.twin.scene import Scene
from firmware.twin.staging import stage
from tests.firmware.scenes import POINTS, casting, full, texture

LENS = Lens(240, 180, focal_px=150.0, down_px=-9.0)


def _marked() -> Photo:
    """Grey, with a blue spot for the eye at the left and a red one for the other."""
    pixels = np.full((220, 200, 3), 90, dtype=np.uint8)
    for (column, row), colour in zip(POINTS[:2], ((255, 0, 0), (0, 0, 255)), strict=True):
        pixels[row - 3 : row + 4, column - 3 : column + 4] = colour
    return Photo(pixels, np.array(POINTS, dtype=np.float32))


def _middle(spot: Grid) -> complex:
    """Of what stands out."""
    weights = np.clip(spot - 0.5 * spot.max(), 0, None)
    rows, columns = np.indices(spot.shape)
    return complex((columns * weights).sum(), (rows * weights).sum()) / float(weights.sum())


@pytest.mark.parametrize("eye_distance_px", [24.0, 40.0])
@pytest.mark.parametrize("species", [Species.LIVE, Species.MATTE_PRINT, Species.MUG, Species.PHONE, Species.TABLET])
def test_the_eyes_are_as_far_apart_as_asked(species: Species, eye_distance_px: float) -> None:
    cast = replace(casting(species, lens=LENS, eye_distance_px=eye_distance_px), face=texture_of(_marked()))
    staging = stage(cast)

    blue, _, red = Scene(staging).draw(staging.rest, Expression(), full(Emitter.VISIBLE))

    left, right = _middle(blue - red), _middle(red - blue)
    assert abs(right - left) == pytest.approx(eye_distance_px, rel=0.06)
    assert right.real > left.real
    assert (left + right) / 2 == pytest.approx(complex(120, 81), abs=10)


def test_a_seed_decides_how_it_is_held() -> None:
    poses = [stage(casting(seed=seed)).rest for seed in (1, 1, 2)]

    assert poses[0] == poses[1]
    assert poses[0] != poses[2]


def test_the_light_is_that_of_the_place() -> None:
    ambient = {place: stage(casting(place=place)).ambient for place in (Place.DARK, Place.OFFICE, Place.SUN)}

    assert ambient[Place.DARK].visible[1] < ambient[Place.OFFICE].visible[1] < ambient[Place.SUN].visible[1]


@pytest.mark.parametrize("species", [Species.LIVE, Species.MUG])
def test_behind_is_a_room_without_a_second_face(species: Species) -> None:
    room = stage(casting(species)).room

    skin = texture()[0, 0]
    assert room.shape == (48, 64, 3)
    assert not np.isclose(room, skin, atol=0.01).all(axis=2).any()
