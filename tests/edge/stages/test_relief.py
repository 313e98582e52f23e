"""The light of single lamps shows which way a surface leans: that of a head leans as no sheet and no cylinder does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from edge.stages.face_grid import CELL, COLUMNS, ROWS, TOP
from edge.stages.lamp_response import Response, respond
from edge.stages.relief import (
    FAINT,
    FLOOR,
    REGION_CELLS_ACROSS,
    REGION_CELLS_DOWN,
    STEEPEST_FALL,
    STEEPEST_NOSE,
    Regions,
    Relief,
    ReliefModel,
    features_of,
    leans_as_a_mirror,
    relief_of,
)
from models.relief import REGION_COLUMNS, REGION_ROWS, Shape, ShapeWeights, shipped_relief
from tests.edge.stages.lamplight import (
    LAMP_X,
    LAMP_Z,
    Floats,
    Scene,
    both_sides,
    code_of,
    cylinder,
    head,
    hollow,
    plane,
    response_of,
)
from tests.models.made_up import made_up_relief, made_up_shape

MODEL = ReliefModel(made_up_relief())
SHEETS = [plane, cylinder, lambda x, y: 0.4 * x, lambda x, y: cylinder(y, x), hollow(head)]
"""Flat, bent, slanted, bent the other way; and a hollow mask."""
NOSE_ROWS, OTHER_ROWS = [3, 4], [0, 1, 6, 7]
REGIONS = REGION_ROWS * REGION_COLUMNS
REGION_X = CELL * REGION_CELLS_ACROSS * (np.arange(REGION_COLUMNS) + 0.5)
REGION_Y = TOP + CELL * REGION_CELLS_DOWN * (np.arange(REGION_ROWS) + 0.5)


def model_of(against: ShapeWeights, shape: Shape = Shape.SHEET) -> ReliefModel:
    """Weighs against one shape as told, and against the others as ever."""
    return ReliefModel(made_up_relief(against={**made_up_relief().against, shape: against}))


def seen(lamps: Mapping[str, Floats]) -> Relief:
    return relief_of(response_of(lamps))


def ball(x: Floats, y: Floats) -> Floats:
    return np.sqrt(1.8**2 - x**2 - (y - 0.4) ** 2)


def lean(x: Floats, y: Floats, depth: Floats, normal: tuple[Floats, Floats, Floats]) -> Floats:
    """How much brighter a small surface is under L than under R, over both: cosine over the square of the distance."""
    light = {}
    for lamp, lamp_x in (("L", -LAMP_X), ("R", LAMP_X)):
        way = (lamp_x - x, -y, LAMP_Z - depth)
        away = np.sqrt(sum(part**2 for part in way))
        light[lamp] = sum(a * b for a, b in zip(normal, way, strict=True)) / away**3
    return np.asarray((light["L"] - light["R"]) / (light["L"] + light["R"]))


def test_the_slope_of_a_plane_is_that_of_the_distances_alone() -> None:
    x, y = np.meshgrid(-REGION_X, REGION_Y)

    assert seen(both_sides(plane)).slope == pytest.approx(lean(x, y, 0.0 * x, (0.0 * x, 0.0 * x, 0.0 * x + 1)), abs=0.002)


def test_the_slope_of_a_ball_is_that_of_its_normals() -> None:
    x, y = np.meshgrid(-REGION_X, REGION_Y)
    depth = ball(x, y)

    slope = seen(both_sides(ball)).slope

    assert slope == pytest.approx(lean(x, y, depth, (x / 1.8, (y - 0.4) / 1.8, depth / 1.8)), abs=0.01)


def test_a_cylinder_leans_alike_in_every_row() -> None:
    slope = seen(both_sides(cylinder)).slope

    assert np.ptp(slope, axis=0).max() < 0.005
    assert (np.diff(slope, axis=1) > 0.03).all()


def test_a_nose_leans_where_it_is_and_nowhere_else() -> None:
    slope = seen(both_sides(head)).slope

    assert slope[NOSE_ROWS, 0].min() > slope[OTHER_ROWS, 0].max() + 0.1
    assert slope[NOSE_ROWS, 4] == pytest.approx(slope[OTHER_ROWS, 4].mean(), abs=0.03)


def test_what_is_hollow_leans_the_other_way() -> None:
    assert seen(both_sides(hollow(head))).slope[NOSE_ROWS, 0].max() < -0.1


def test_lamps_that_were_exchanged_turn_the_relief_inside_out() -> None:
    lamps = both_sides(head)

    exchanged = seen({"L": lamps["R"], "R": lamps["L"]})

    assert exchanged.slope == pytest.approx(-seen(lamps).slope)
    assert exchanged.fall == pytest.approx(seen(lamps).fall)


@pytest.mark.parametrize("shape", [plane, cylinder, head])
def test_the_slope_is_free_of_the_reflectance_of_the_skin(shape: object) -> None:
    lamps = both_sides(shape)  # type: ignore[arg-type]
    skin = np.random.default_rng(4).uniform(0.4, 1.0, (ROWS, COLUMNS))

    painted = seen({lamp: skin * light for lamp, light in lamps.items()})

    assert painted.slope == pytest.approx(seen(lamps).slope, abs=1e-5)


@pytest.mark.parametrize("strength", [0.01, 0.5, 2.0])
def test_nothing_depends_on_the_strength_of_the_lamps(strength: float) -> None:
    lamps = both_sides(head)

    other = seen({lamp: strength * light for lamp, light in lamps.items()})

    assert features_of(other) == pytest.approx(features_of(seen(lamps)), abs=1e-4)


@pytest.mark.parametrize("stronger", ["L", "R"])
def test_a_lamp_that_is_stronger_than_the_other_changes_little(stronger: str) -> None:
    lamps = both_sides(head)

    uneven = seen({**lamps, stronger: 1.4 * lamps[stronger]})

    assert uneven.slope == pytest.approx(seen(lamps).slope, abs=0.02)
    assert abs(MODEL.score(uneven) - MODEL.score(seen(lamps))) < 0.05


def test_the_size_of_all_slopes_together_counts_less() -> None:
    relief = seen(both_sides(head))
    size = float(np.sqrt((relief.slope**2).mean()))

    steeper = features_of(replace(relief, slope=2 * relief.slope))[:REGIONS]

    assert steeper == pytest.approx(features_of(relief)[:REGIONS] * (2 * size + 2 * FLOOR) / (2 * size + FLOOR))


def test_light_falls_off_towards_the_side_of_a_head_and_not_on_a_sheet() -> None:
    assert (np.diff(seen(both_sides(head)).fall[[0, 7], 1:], axis=1) < 0).all()
    assert abs(seen(both_sides(plane)).fall).max() < 0.04


@pytest.mark.parametrize("shape", [plane, cylinder, head])
def test_a_matt_shape_hardly_shines(shape: object) -> None:
    assert 0 <= seen(both_sides(shape)).shine < 0.3  # type: ignore[arg-type]


@pytest.mark.parametrize("spotted", ["L", "R"])
@pytest.mark.parametrize("strength", [0.1, 1.0])
def test_a_spot_that_mirrors_a_lamp_shines_however_strong_the_lamps_are(strength: float, spotted: str) -> None:
    lamps = {lamp: strength * light for lamp, light in both_sides(plane).items()}
    matt = seen(lamps).shine
    lamps[spotted][10:13, 9:13] *= 3

    assert seen(lamps).shine - matt == pytest.approx(math.log(3) / 2, abs=0.05)


def test_however_bright_a_spot_is_it_counts_to_a_limit() -> None:
    lamps = both_sides(plane)
    for light in lamps.values():
        light[10:13, 9:13] *= 1e6

    assert seen(lamps).shine == STEEPEST_FALL


def test_regions_without_light_lean_nowhere_and_give_finite_numbers() -> None:
    lamps = {lamp: np.where(np.arange(ROWS)[:, None] < 9, 0.0, light) for lamp, light in both_sides(head).items()}

    relief = seen(lamps)

    assert (relief.slope[:3] == 0).all()
    assert relief.slope[3:] == pytest.approx(seen(both_sides(head)).slope[3:], abs=1e-5)
    assert (relief.fall[:3] == -STEEPEST_FALL).all()


@pytest.mark.parametrize("light", [0.0, -0.01, 1e-9])
def test_a_face_without_any_light_gives_finite_numbers(light: float) -> None:
    relief = seen({lamp: np.full((ROWS, COLUMNS), light) for lamp in "LR"})

    assert np.isfinite(features_of(relief)).all()
    assert relief.slope == pytest.approx(np.zeros_like(relief.slope))
    assert 0 <= MODEL.score(relief) <= 1


def test_cells_that_were_too_bright_are_not_read() -> None:
    whole = relief_of(response_of(both_sides(head), clipped=0.5))

    assert (whole.slope == 0).all()
    assert whole.clipped == 1.0
    assert seen(both_sides(head)).clipped == 0.0


def test_noise_is_the_error_of_a_slope() -> None:
    lamps = both_sides(plane)
    quiet, loud = (relief_of(respond(Scene(lamps, noise=noise).film(code_of(1)).looks, "LR")).noise for noise in (0.002, 0.02))

    assert loud == pytest.approx(10 * quiet, rel=0.05)
    assert quiet == pytest.approx(0.002 * math.sqrt(2) / math.sqrt(96 / 4) / 0.6, rel=0.3)


@pytest.mark.parametrize("shape", [plane, cylinder, head, hollow(head)])
def test_of_frames_the_same_relief_is_read_as_of_the_truth(shape: object) -> None:
    lamps = both_sides(shape)  # type: ignore[arg-type]

    filmed = relief_of(respond(Scene(lamps, place=0.2, drift=0.1).film(code_of(2)).looks, "LR"))

    assert filmed.slope == pytest.approx(seen(lamps).slope, abs=0.01)
    assert filmed.fall == pytest.approx(seen(lamps).fall, abs=0.01)


def test_a_head_scores_above_the_threshold() -> None:
    assert MODEL.score(seen(both_sides(head))) > made_up_relief().threshold


@pytest.mark.parametrize("shape", SHEETS, ids=["flat", "bent", "slanted", "bowed", "hollow"])
def test_sheets_and_hollow_masks_score_below_the_threshold(shape: object) -> None:
    assert MODEL.score(seen(both_sides(shape))) < 0.1  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", Shape)
def test_the_shape_that_a_face_is_most_like_decides(shape: Shape) -> None:
    face = seen(both_sides(head))

    assert model_of(made_up_shape(bias=-20.0), shape).score(face) < 0.01
    assert model_of(made_up_shape(bias=20.0), shape).score(face) == MODEL.score(face)


def glaring(lamps: Mapping[str, Floats], glare: float) -> dict[str, Floats]:
    """The image of each lamp in varnish, on its own side of the middle, so many times as bright as a bright cell."""
    wide, shining = np.arange(COLUMNS)[None, :], np.isin(np.arange(ROWS)[:, None], range(8, 20))
    sides = {"L": (wide >= COLUMNS // 2 - 4) & (wide < COLUMNS // 2), "R": (wide >= COLUMNS // 2) & (wide < COLUMNS // 2 + 4)}
    return {lamp: light + glare * np.percentile(light, 75) * (sides[lamp] & shining) for lamp, light in lamps.items()}


@pytest.mark.parametrize("shape", [plane, cylinder, head])
def test_lamps_that_are_mirrored_beside_the_middle_lean_more_than_a_nose(shape: object) -> None:
    matt, varnished = seen(both_sides(shape)), seen(glaring(both_sides(shape), 3.0))  # type: ignore[arg-type]

    assert (leans_as_a_mirror(matt), leans_as_a_mirror(varnished)) == (False, True)
    assert MODEL.score(varnished) == 0.0


def test_a_sheen_on_a_nose_is_no_mirror() -> None:
    oily = seen(glaring(both_sides(head), 0.3))

    assert not leans_as_a_mirror(oily)
    assert MODEL.score(oily) > made_up_relief().threshold


@pytest.mark.parametrize(("times", "mirrors"), [(STEEPEST_NOSE - 0.01, False), (STEEPEST_NOSE + 0.01, True)])
@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("sign", [-1, 1])
def test_one_region_of_the_nose_that_leans_too_much_is_enough(times: float, mirrors: bool, column: int, sign: int) -> None:
    slope: Regions = np.full((REGION_ROWS, REGION_COLUMNS), 0.2)
    slope[4, column] = sign * (times * (0.2 + FAINT) + 0.03)
    relief = Relief(slope, np.zeros_like(slope), shine=0.0, noise=0.03, clipped=0.0)

    assert leans_as_a_mirror(relief) is mirrors


def test_the_side_of_a_face_may_lean_as_it_likes() -> None:
    slope: Regions = np.full((REGION_ROWS, REGION_COLUMNS), 0.05)
    slope[4, 2] = 1.0

    assert not leans_as_a_mirror(Relief(slope, np.zeros_like(slope), shine=0.0, noise=0.0, clipped=0.0))


def test_regions_that_could_not_be_read_are_no_flat_cheeks() -> None:
    slope: Regions = np.full((REGION_ROWS, REGION_COLUMNS), 0.2)
    slope[:6, 2:] = 0.0
    slope[4, 0] = 0.4

    assert not leans_as_a_mirror(Relief(slope, np.zeros_like(slope), shine=0.0, noise=0.0, clipped=0.6))


def test_a_nose_without_any_face_around_it_that_could_be_read_is_none() -> None:
    slope: Regions = np.zeros((REGION_ROWS, REGION_COLUMNS))
    slope[4, 0] = 0.4

    assert leans_as_a_mirror(Relief(slope, np.zeros_like(slope), shine=0.0, noise=0.0, clipped=0.6))


def any_relief(seed: int, size: float) -> Relief:
    dice = np.random.default_rng(seed)
    slope, fall = dice.normal(0, size, (2, REGION_ROWS, REGION_COLUMNS))
    return Relief(slope, fall, shine=min(size, STEEPEST_FALL), noise=0.0, clipped=0.0)


@pytest.mark.parametrize("size", [0.0, 0.1, 1.0, 1e6])
@pytest.mark.parametrize("seed", range(5))
def test_every_score_lies_between_0_and_1(seed: int, size: float) -> None:
    assert 0 <= MODEL.score(any_relief(seed, size)) <= 1


def test_a_relief_in_which_nothing_could_be_read_is_denied_by_the_weights_that_ship() -> None:
    nothing = np.zeros((REGION_ROWS, REGION_COLUMNS))

    relief = Relief(nothing, nothing, shine=0.0, noise=0.0, clipped=1.0)

    assert ReliefModel(shipped_relief()).score(relief) < shipped_relief().threshold


def test_a_relief_whose_shine_is_no_number_has_no_score() -> None:
    assert math.isnan(model_of(made_up_shape(shine=-1.0)).score(replace(any_relief(1, 0.1), shine=math.nan)))


@pytest.mark.parametrize("noise", [math.nan, math.inf, -math.inf])
def test_a_relief_whose_noise_is_no_number_has_no_score(noise: float) -> None:
    assert math.isnan(MODEL.score(replace(seen(both_sides(head)), noise=noise)))


@pytest.mark.parametrize("field", ["slope", "fall"])
def test_a_relief_that_holds_no_number_has_no_score(field: str) -> None:
    relief = any_relief(1, 0.1)
    broken: Regions = np.where(np.arange(REGION_COLUMNS) == 2, np.nan, relief.slope)

    assert math.isnan(MODEL.score(replace(relief, **{field: broken})))  # type: ignore[arg-type]


def test_light_that_is_no_number_has_no_score() -> None:
    nothing: Response = response_of({lamp: np.full((ROWS, COLUMNS), np.nan) for lamp in "LR"})

    assert math.isnan(MODEL.score(relief_of(nothing)))
