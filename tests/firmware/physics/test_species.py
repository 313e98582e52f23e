"""Every species can be built in every variant, and is made of what its name says."""

from functools import cache

import numpy as np
import pytest

from firmware.twin.physics.head import BEHIND, EYE_X, MOUTH_Y, HeadShape, height_of
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.species import ATTACKS, VARIANTS, Species, surface_of
from firmware.twin.physics.surface import Moves, Surface, plane
from tests.firmware.scenes import texture

X, Y = plane()
FACE = (np.abs(X) < 2.5) & (np.abs(Y - 3) < 3)
SCREENS = (Species.PHONE, Species.TABLET)
PRINTS = (Species.MATTE_PRINT, Species.GLOSSY_PRINT, Species.VINYL_PRINT)
SOME = range(4)


@cache
def _made(species: Species, variant: int) -> Surface:
    return surface_of(species, variant, texture(), texture())


def _within(grid: Grid, least: float, most: float) -> bool:
    return bool(np.isfinite(grid).all()) and float(grid.min()) >= least and float(grid.max()) <= most


@pytest.mark.parametrize("species", list(Species))
def test_variants_of_both_halves_can_be_built_of_every_picture(species: Species) -> None:
    glaring = np.where(np.random.default_rng(1).random(texture().shape) < 0.5, 0.004, 1).astype(np.float32)

    for variant in range(0, VARIANTS, 5):
        surface = surface_of(species, variant, glaring, glaring)

        assert surface.height.shape == surface.coverage.shape == X.shape
        assert surface.reflectance.shape == (*X.shape, 4)
        assert _within(surface.height, -60, 60)
        assert _within(surface.reflectance, 0, 1)
        assert _within(surface.coverage, 0, 1)
        assert surface.glow is None or _within(surface.glow, 0, 3)
        assert 0 <= surface.gloss.f0 < 0.06
        assert 0.01 < surface.gloss.roughness < 1
        assert 0.4 < surface.scale < 1.1


@pytest.mark.parametrize("species", list(Species))
def test_the_face_is_always_in_sight(species: Species) -> None:
    assert all(_made(species, variant).coverage[FACE].min() > 0.5 for variant in SOME)


@pytest.mark.parametrize("species", list(Species))
def test_a_variant_is_always_the_same_and_no_two_are_alike(species: Species) -> None:
    again = surface_of(species, 3, texture(), texture())

    assert np.array_equal(again.reflectance, _made(species, 3).reflectance)
    assert np.array_equal(again.height, _made(species, 3).height)
    assert len({_made(species, variant).gloss for variant in SOME}) == len(SOME)


def test_everything_but_the_living_is_an_attack() -> None:
    assert set(ATTACKS) == set(Species) - {Species.LIVE}


# --- what they are made of -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", SOME)
def test_a_living_face_has_a_nose(variant: int) -> None:
    height = _made(Species.LIVE, variant).height

    row, column = np.unravel_index(np.argmax(height), height.shape)
    assert abs(X[row, column]) < 0.2
    assert 3 < Y[row, column] < 5.5
    assert height.min() == BEHIND


@pytest.mark.parametrize("variant", SOME)
def test_hair_stands_off_a_living_head_and_beside_it_is_the_room(variant: int) -> None:
    live = _made(Species.LIVE, variant)

    flat = (live.height == BEHIND) & (np.abs(Y - 1.2) < 1)
    assert live.coverage[flat & (np.abs(X) < 8.8)].min() > 0.9
    assert live.coverage[flat & (np.abs(X) > 11.5)].max() == 0


@pytest.mark.parametrize("variant", SOME)
def test_living_skin_is_bright_in_near_infrared_and_hair_is_darker(variant: int) -> None:
    infrared = _made(Species.LIVE, variant).reflectance[..., 3]

    cheek = infrared[(np.abs(X - 3) < 1) & (np.abs(Y - 3) < 1)]
    pupil = infrared[(np.abs(X - EYE_X) < 0.3) & (np.abs(Y) < 0.3)]
    assert 0.4 < np.median(cheek) < 0.7
    assert pupil.max() < np.median(cheek)


@pytest.mark.parametrize("species", SCREENS)
@pytest.mark.parametrize("variant", SOME)
def test_a_screen_is_flat_dark_and_glows_where_its_picture_is(species: Species, variant: int) -> None:
    screen = _made(species, variant)

    assert not screen.height.any()
    assert screen.reflectance.max() < 0.07
    assert screen.glow is not None
    assert screen.glow[FACE].mean() > 0.01
    assert not screen.glow[screen.coverage == 0].any()


@pytest.mark.parametrize("variant", SOME)
def test_a_projected_face_is_light_on_a_white_board(variant: int) -> None:
    board = _made(Species.PROJECTED, variant)

    assert board.glow is not None
    assert np.ptp(board.glow[FACE]) > 0.1 * board.glow[FACE].max()
    assert board.reflectance.min() > 0.6
    assert float(np.ptp(board.reflectance[..., 3])) == 0


@pytest.mark.parametrize("species", PRINTS)
def test_a_print_shows_the_face_and_sends_no_light(species: Species) -> None:
    for variant in SOME:
        paper = _made(species, variant)

        seen, shown = paper.reflectance[..., :3][FACE], texture()[FACE]
        assert paper.glow is None
        assert np.allclose(seen / shown, (seen / shown).flat[0], rtol=1e-4)


def test_some_inks_keep_their_contrast_in_near_infrared_and_some_do_not() -> None:
    pupil, cheek = (np.abs(X - EYE_X) < 0.3) & (np.abs(Y) < 0.3), (np.abs(X - 2) < 0.5) & (np.abs(Y - 3) < 0.5)
    infrared = [_made(species, variant).reflectance[..., 3] for species in PRINTS for variant in SOME]

    contrasts = [1 - float(ink[pupil].mean() / ink[cheek].mean()) for ink in infrared]

    assert min(contrasts) < 0.2
    assert max(contrasts) > 0.5


@pytest.mark.parametrize("variant", SOME)
def test_a_mug_is_round_about_its_upright_axis(variant: int) -> None:
    mug = _made(Species.MUG, variant)

    middle, side = mug.height[:, 200], mug.height[:, 200 + 50]
    x = float(X[0, 250])
    radius = (x**2 + float(side[0]) ** 2) / (-2 * float(side[0]))
    assert float(np.ptp(side)) == 0
    assert middle.max() == pytest.approx(0, abs=1e-3)
    assert 3.8 < radius * mug.scale < 4.7


@pytest.mark.parametrize("variant", SOME)
def test_through_the_holes_of_a_cut_out_one_sees_other_eyes_behind_it(variant: int) -> None:
    behind = np.full_like(texture(), 0.4)
    cut_out = surface_of(Species.CUT_OUT, variant, texture(), behind)

    eye, cheek = (np.abs(X - EYE_X) < 0.2) & (np.abs(Y) < 0.2), (np.abs(X - 2) < 0.3) & (np.abs(Y - 2.5) < 0.3)
    assert np.allclose(cut_out.reflectance[..., :3][eye], 0.4, atol=1e-3)
    assert not np.allclose(cut_out.reflectance[..., :3][cheek], 0.4, atol=0.1)
    assert 0.6 <= (height_of(HeadShape(), X, Y) - cut_out.height)[eye].mean() <= 2.0


def test_only_some_cut_outs_have_a_hole_for_the_mouth() -> None:
    behind = np.full_like(texture(), 0.4)
    mouth = (np.abs(X) < 0.3) & (np.abs(Y - MOUTH_Y) < 0.3)
    holes = [
        np.allclose(surface_of(Species.CUT_OUT, variant, texture(), behind).reflectance[..., :3][mouth], 0.4, atol=1e-3)
        for variant in range(8)
    ]

    assert 0 < sum(holes) < 8


def test_things_are_as_large_as_they_are() -> None:
    scales = {species: [_made(species, variant).scale for variant in SOME] for species in Species}

    assert max(scales[Species.PHONE]) <= 0.5 < min(scales[Species.TABLET])
    assert max(scales[Species.MUG]) < 0.65
    assert min(scales[Species.LIVE]) > 0.9


@pytest.mark.parametrize(
    ("species", "moves"),
    [
        (Species.LIVE, Moves.FACE),
        (Species.CUT_OUT, Moves.EYES_BEHIND),
        *((species, Moves.NOTHING) for species in (*PRINTS, Species.MUG)),
        *((species, Moves.FILM) for species in (*SCREENS, Species.PROJECTED)),
    ],
)
def test_a_thing_moves_what_it_can(species: Species, moves: Moves) -> None:
    assert {_made(species, variant).moves for variant in SOME} == {moves}
