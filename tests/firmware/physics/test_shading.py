"""Lamps light a surface as Lambert and the inverse square of distance say; a nose has two sides, a plane has none."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware.frame import Emitter
from firmware.twin.physics.geometry import Lens, normals_of, see
from firmware.twin.physics.head import EYE_X, HeadShape, height_of
from firmware.twin.physics.lights import ARMS_LENGTH, Ambient, Rig
from firmware.twin.physics.motion import Expression, Pose
from firmware.twin.physics.optics import Gloss, Grid
from firmware.twin.physics.shading import radiance
from firmware.twin.physics.species import Species, surface_of
from firmware.twin.physics.surface import Moves, Surface
from tests.firmware.scenes import NO_LIGHT, board, bust, painted, texture

LENS = Lens(200, 180, focal_px=250.0, down_px=-25.0)
LEFT, RIGHT, WHITE, TOP = Emitter.LEFT, Emitter.RIGHT, Emitter.VISIBLE, Emitter.TOP


def _seen(
    surface: Surface,
    *lit: Emitter,
    rig: Rig | None = None,
    ambient: Ambient = NO_LIGHT,
    pose: Pose | None = None,
    lens: Lens = LENS,
    face: Expression | None = None,
) -> Grid:
    """(3, h, w) light that reaches the camera."""
    sight = see(lens, surface, normals_of(surface), pose or Pose())
    sent, _ = radiance(lens, surface, sight, lit, rig or Rig(), ambient, face or Expression())
    return sent


def _pixel(x: float, y: float, height: float = 0.0) -> tuple[int, int]:
    """Row and column where a point of a surface at arm's length is seen."""
    per_cm = LENS.focal_px / (ARMS_LENGTH - height)
    return round(LENS.height_px / 2 + LENS.down_px + per_cm * y), round(LENS.width_px / 2 + per_cm * x)


def _left_over_right(surface: Surface, rig: Rig | None = None) -> Grid:
    """Logarithm of the light of the left lamp over that of the right one."""
    left, right = (_seen(surface, lamp, rig=rig)[1] for lamp in (LEFT, RIGHT))
    return np.asarray(np.log(left / right), dtype=np.float32)


# --- one lamp, against formulas in double precision ----------------------------------------------------------------


def _irradiance(point: NDArray[np.float64], normal: NDArray[np.float64], lamp: Emitter) -> float:
    """At a point (right, down, away) with a unit normal, of a small lamp in the plane of the lens that shines straight ahead."""
    way = np.array([*Rig().places[lamp], 0.0]) - point
    distance = float(np.linalg.norm(way))
    at_the_lamp, at_the_point = point[2] / distance, float(normal @ way) / distance
    return float(Rig().power[lamp] * (ARMS_LENGTH / distance) ** 2 * at_the_lamp * max(0.0, at_the_point))


@pytest.mark.parametrize("away_cm", [25.0, 35.0, 50.0])
@pytest.mark.parametrize("lamp", [LEFT, RIGHT, WHITE, TOP])
def test_a_plane_is_lit_by_the_inverse_square(lamp: Emitter, away_cm: float) -> None:
    seen = _seen(board(), lamp, pose=Pose(away_cm=away_cm))

    for row, column in ((20, 20), (66, 100), (120, 40), (150, 180)):
        right, down = ((column - 100) * away_cm / 250, (row - 65) * away_cm / 250)
        falls = _irradiance(np.array([right, down, away_cm]), np.array([0.0, 0.0, -1.0]), lamp)
        assert seen[:, row, column].tolist() == pytest.approx([0.5 * falls] * 3, rel=5e-3)


@pytest.mark.parametrize("lamp", [LEFT, WHITE])
@pytest.mark.parametrize(("x", "y"), [(-3.0, -3.5), (0.0, -4.0), (3.5, 3.5), (-2.5, 2.5), (2.0, -3.0)])
def test_a_head_is_lit_by_its_slope(lamp: Emitter, x: float, y: float) -> None:
    def height(right: float, down: float) -> float:
        at = np.array([[right]], dtype=np.float32), np.array([[down]], dtype=np.float32)
        return float(height_of(HeadShape(), *at)[0, 0])

    across = (height(x + 0.05, y) - height(x - 0.05, y)) / 0.1
    down = (height(x, y + 0.05) - height(x, y - 0.05)) / 0.1
    normal = np.array([-across, -down, -1.0]) / np.sqrt(across**2 + down**2 + 1)

    seen = _seen(bust(), lamp)[(1, *_pixel(x, y, height(x, y)))]

    assert seen == pytest.approx(0.5 * _irradiance(np.array([x, y, 35 - height(x, y)]), normal, lamp), rel=0.05)


def test_what_faces_away_from_a_lamp_gets_nothing() -> None:
    turned = _seen(board(), RIGHT, pose=Pose(yaw_deg=-87, away_cm=4.0), lens=Lens(20, 20, 100.0, 0.0))

    assert turned[:, 10, 10].max() < 0.01 * _seen(board(), LEFT, pose=Pose(yaw_deg=-45), lens=Lens(20, 20, 100.0, 0.0)).max()


# --- left and right ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", [board(), bust()], ids=["plane", "head"])
def test_left_and_right_are_mirrored(surface: Surface) -> None:
    ratio = _left_over_right(surface)[20:160, 40:161]

    # The grids of a surface begin at its left edge, so that their cells are not mirrored quite exactly.
    assert np.percentile(np.abs(ratio + ratio[:, ::-1]), 95) < 0.04
    assert np.abs(ratio[:, 60]).max() < 0.03


def test_the_left_lamp_brightens_the_left_side_of_the_nose() -> None:
    ratio = _left_over_right(bust())

    for y in (2.0, 3.0, 4.0):
        assert ratio[_pixel(-0.8, y, 1.0)] > 0.25
        assert ratio[_pixel(0.8, y, 1.0)] < -0.25


def test_a_plane_has_no_side() -> None:
    ratio = _left_over_right(board())

    across = [ratio[_pixel(x, 3.0)] for x in np.arange(-3, 3.1, 0.5).tolist()]
    assert np.abs(across).max() < 0.12
    assert (np.diff(across) < 0).all()


def test_lamps_that_change_places_change_sides() -> None:
    places = {**Rig().places, LEFT: Rig().places[RIGHT], RIGHT: Rig().places[LEFT]}

    crossed = _left_over_right(bust(), Rig(places))

    assert np.allclose(crossed, -_left_over_right(bust()), atol=1e-4)


# --- which light ---------------------------------------------------------------------------------------------------


def _coloured() -> Surface:
    """Red to the eye, half bright in near-infrared."""
    surface = board()
    reflectance = np.zeros_like(surface.reflectance)
    reflectance[...] = (0.1, 0.2, 0.8, 0.5)
    return replace(surface, reflectance=reflectance)


def test_near_infrared_looks_grey_and_white_light_shows_colours() -> None:
    infrared, white = (_seen(_coloured(), lamp)[:, 65, 100] for lamp in (TOP, WHITE))

    assert (infrared / infrared[0]).tolist() == pytest.approx([1, 1, 1])
    assert (white / white[0]).tolist() == pytest.approx([1, 2, 8], rel=1e-3)
    # Both sit at one place, and the white lamp is stronger.
    assert float(white[1] / infrared[1]) == pytest.approx(0.2 / 0.5 * Rig().power[WHITE], rel=1e-3)


def test_light_of_the_place_has_its_colours() -> None:
    visible = (0.3, 0.6, 0.9)
    around = Ambient(visible, 0.2, (0.0, 0.0, 1.0), 1.0)

    seen = _seen(_coloured(), ambient=around)[:, 65, 100]

    expected = [part * share + 0.5 * 0.2 for part, share in zip(visible, (0.1, 0.2, 0.8), strict=True)]
    assert seen.tolist() == pytest.approx(expected, rel=1e-3)


def test_light_from_a_window_at_the_left_lights_the_left_cheek() -> None:
    window = Ambient((0.5, 0.5, 0.5), 0.5, (-0.8, -0.36, 0.48), 0.2)

    seen = _seen(bust(), ambient=window)[1]

    assert seen[_pixel(-4, 3)] > 1.5 * seen[_pixel(4, 3)]


def test_light_from_above_leaves_the_underside_of_the_nose_dark() -> None:
    seen = _seen(bust(), ambient=Ambient((0.5, 0.5, 0.5), 0.0, (0.0, -0.8, 0.6), 0.2))[1]

    assert seen[_pixel(0, 1, 1.0)] > 1.3 * seen[_pixel(0, 5.0, 1.0)]


def test_without_light_nothing_is_seen_but_what_glows() -> None:
    phone = surface_of(Species.PHONE, 0, texture(), texture())

    assert not _seen(board()).any()
    assert _seen(phone).max() > 0.05


@pytest.mark.parametrize("surface", [board(), bust()], ids=["plane", "head"])
def test_a_dead_lamp_adds_nothing(surface: Surface) -> None:
    power: Mapping[Emitter, float] = {**Rig().power, LEFT: 0.0}

    assert np.array_equal(_seen(surface, LEFT, RIGHT, rig=Rig(power=power)), _seen(surface, RIGHT))


def test_an_aged_lamp_gives_its_share() -> None:
    power = {**Rig().power, LEFT: 0.7}

    assert np.allclose(_seen(bust(), LEFT, rig=Rig(power=power)), 0.7 * _seen(bust(), LEFT), rtol=1e-4)


# --- materials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("species", [Species.PHONE, Species.TABLET])
@pytest.mark.parametrize("variant", range(3))
def test_a_screen_hardly_answers_the_lamps_in_near_infrared(species: Species, variant: int) -> None:
    def answer(made: Surface) -> float:
        # Beside the spot in which glass mirrors the lamp.
        return float((_seen(made, LEFT) - _seen(made))[1][_pixel(2.5, 4.0)])

    screen, skin = (surface_of(each, variant, texture(), texture()) for each in (species, Species.LIVE))

    assert 0 < answer(screen) < 0.15 * answer(skin)


def test_glass_mirrors_a_lamp_in_one_small_spot() -> None:
    glass = painted(board().height, reflectance=0.02, gloss=Gloss(0.04, 0.03))

    seen = _seen(glass, LEFT)[1]

    row, column = np.unravel_index(np.argmax(seen), seen.shape)
    # Half way between the lens and the lamp, which are equally far from the glass.
    assert (row, column) == pytest.approx(_pixel(-2.5, 0.0), abs=2)
    assert seen.max() > 50 * np.median(seen)


def test_paper_shines_wider_than_glass() -> None:
    def wide(roughness: float) -> int:
        added = _seen(painted(board().height, gloss=Gloss(0.04, roughness)), LEFT)[1] - _seen(board(), LEFT)[1]
        return int((added > added.max() / 2).sum())

    assert wide(0.16) > 4 * wide(0.06)


EYE_LENS = Lens(260, 60, focal_px=900.0, down_px=0.0)


def _at_the_eye(lamp: Emitter, moves: Moves = Moves.FACE, face: Expression | None = None) -> float:
    """How much brighter than its surroundings the brightest spot at the eye on the right is."""
    flat = painted(board().height, moves=moves)
    middle = round(130 + EYE_X * 900 / 35)
    around = _seen(flat, lamp, lens=EYE_LENS, face=face)[1][10:50, middle - 20 : middle + 20]
    return float(around.max() / np.median(around))


def test_a_near_infrared_lamp_glints_in_a_living_eye() -> None:
    assert _at_the_eye(LEFT) > 1.5
    assert _at_the_eye(LEFT, Moves.EYES_BEHIND) > 1.5


def test_no_glint_comes_from_a_shut_eye_from_paper_or_of_the_white_lamp() -> None:
    assert _at_the_eye(LEFT, face=Expression(eyes_shut=1.0)) < 1.1
    assert _at_the_eye(LEFT, Moves.NOTHING) < 1.1
    assert _at_the_eye(WHITE) < 1.1


def test_an_open_mouth_is_dark_inside() -> None:
    mouth = _pixel(0, 7.9, 0.0)
    face = painted(bust().height, moves=Moves.FACE)

    shut, opened = (_seen(face, WHITE, LEFT, face=Expression(mouth_open=wide))[1][mouth] for wide in (0.0, 1.0))

    assert opened < 0.3 * shut
