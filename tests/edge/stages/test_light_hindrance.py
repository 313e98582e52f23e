"""What keeps an answer from being judged is named: the place, the lamps, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from edge.stages.answer import answer_of
from edge.stages.face_grid import COLUMNS, ROWS
from edge.stages.lamp_response import respond
from edge.stages.light_hindrance import BRIGHT_PLACE, CLIPPED, WEAK_LAMP, hindrance_of
from tests.edge.stages.lamplight import Floats, Scene, both_sides, code_of, cylinder, head, plane, shaded
from wire.reasons import Category, Reason

LAMPS = both_sides(head)
NOTHING: Mapping[str, Floats] = {lamp: np.zeros((ROWS, COLUMNS)) for lamp in "LR"}
"""Lamps that light no face, but may light the room."""


def hindrance(scene: Scene, visit: int = 1, lamps: str = "LR", symbols: int = 16) -> Reason | None:
    code = code_of(visit, lamps)
    film = scene.film(code, symbols)
    return hindrance_of(answer_of(film.looks, film.places, film.begins_ns, code), respond(film.looks, lamps), film.looks, lamps)


@pytest.mark.parametrize("shape", [head, plane, cylinder])
@pytest.mark.parametrize(("place", "drift"), [(0.05, 0.0), (0.3, 0.1)])
def test_where_all_is_well_nothing_hinders_whatever_shape_answers(shape: object, place: float, drift: float) -> None:
    assert hindrance(Scene(both_sides(shape), place, drift)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "reason"), [(CLIPPED - 0.05, None), (CLIPPED + 0.05, Reason.TOO_BRIGHT)])
def test_a_face_that_is_too_bright_to_tell_is_named_so(share: float, reason: Reason | None) -> None:
    assert hindrance(Scene(LAMPS, clipped=share)) is reason


@pytest.mark.parametrize("late", [1 / 3, 1 / 2, 5 / 6])
@pytest.mark.parametrize("visit", range(3))
def test_lamps_that_obey_late_are_a_fault_of_the_unit(visit: int, late: float) -> None:
    assert hindrance(Scene(LAMPS, late=late), visit) is Reason.LIGHT_FAULT


@pytest.mark.parametrize("dead", ["L", "R"])
@pytest.mark.parametrize("left", [0.0, WEAK_LAMP / 2])
def test_a_lamp_that_is_dead_or_nearly_so_is_a_fault_of_the_unit(dead: str, left: float) -> None:
    assert hindrance(Scene({**LAMPS, dead: left * LAMPS[dead]})) is Reason.LIGHT_FAULT


def test_a_lamp_that_is_only_weaker_is_no_fault() -> None:
    assert hindrance(Scene({**LAMPS, "L": 0.4 * LAMPS["L"]})) is None


@pytest.mark.parametrize("noise", [0.002, 0.02])
def test_lamps_that_light_nothing_in_a_dim_place_are_a_fault_of_the_unit(noise: float) -> None:
    assert hindrance(Scene(NOTHING, BRIGHT_PLACE / 2, noise=noise)) is Reason.LIGHT_FAULT


def test_lamps_that_light_nothing_in_a_bright_place_are_drowned() -> None:
    assert hindrance(Scene(NOTHING, BRIGHT_PLACE + 0.05)) is Reason.TOO_MUCH_AMBIENT


@pytest.mark.parametrize("place", [BRIGHT_PLACE / 2, BRIGHT_PLACE + 0.05])
def test_a_face_that_does_not_answer_where_its_surroundings_do_is_left_to_the_code(place: float) -> None:
    assert hindrance(Scene(NOTHING, place, around=0.1)) is None


def test_an_answer_that_is_too_noisy_for_a_relief_is_drowned() -> None:
    assert hindrance(Scene(both_sides(head, strength=0.02), place=0.4, noise=0.03), symbols=32) is Reason.TOO_MUCH_AMBIENT


def test_where_there_is_no_relief_to_read_noise_hinders_less() -> None:
    lamps = {"V": shaded(head, "L", strength=0.03)}

    assert hindrance(Scene(lamps, place=0.4, noise=0.03), lamps="V", symbols=48) is None


@pytest.mark.parametrize(
    ("scene", "category"),
    [
        (Scene(LAMPS, clipped=1.0), Category.GUIDANCE),
        (Scene(NOTHING, 0.5), Category.GUIDANCE),
        (Scene(NOTHING, 0.01), Category.EQUIPMENT),
    ],
)
def test_the_place_can_be_mended_by_the_visitor_and_the_lamps_cannot(scene: Scene, category: Category) -> None:
    found = hindrance(scene)

    assert found is not None
    assert found.category is category
