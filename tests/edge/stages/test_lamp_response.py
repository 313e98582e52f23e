"""The light of a face is taken apart into what the place and what each lamp gives, with an honest error."""

from __future__ import annotations

import numpy as np
import pytest

from edge.stages.face_grid import COLUMNS, ROWS, Grid
from edge.stages.lamp_response import POOLED, explained, lit, looks_words, pooled, respond, slow_drift
from tests.edge.stages.lamplight import Floats, Scene, both_sides, code_of, head, plane, shaded

CODE = code_of(1)
LAMPS = both_sides(head)


def strays(found: Grid, truth: Floats, error: Grid) -> Floats:
    """How far each cell is from the truth, in standard errors."""
    return np.asarray((found - truth) / error)


@pytest.mark.parametrize("visit", range(3))
def test_what_each_lamp_adds_is_found_within_its_standard_error(visit: int) -> None:
    code = code_of(visit)

    found = respond(Scene(LAMPS, noise=0.01).film(code).looks, "LR")

    for lamp in "LR":
        away = strays(found.lamps[lamp], LAMPS[lamp], found.errors[lamp])
        assert np.sqrt((away**2).mean()) == pytest.approx(1.0, abs=0.12)
        assert abs(away).max() < 5


def test_three_lamps_are_told_apart_although_two_of_them_shine_together() -> None:
    lamps = {**LAMPS, "T": 0.5 * shaded(plane, "L")}

    found = respond(Scene(lamps).film(code_of(1, "LRT")).looks, "LRT")

    assert list(found.lamps) == ["L", "R", "T"]
    assert max(abs(strays(found.lamps[lamp], lamps[lamp], found.errors[lamp])).max() for lamp in "LRT") < 5


@pytest.mark.parametrize(("place", "drift"), [(0.0, 0.0), (0.4, 0.0), (0.2, 0.15), (0.3, -0.2)])
def test_the_light_of_the_place_and_its_drift_drop_out(place: float, drift: float) -> None:
    found = respond(Scene(LAMPS, place, drift).film(CODE).looks, "LR")

    assert np.median(found.place) == pytest.approx(place + drift / 2, abs=0.005)
    assert found.lamps["L"] == pytest.approx(LAMPS["L"], abs=0.005)
    assert found.lamps["R"] == pytest.approx(LAMPS["R"], abs=0.005)


def test_errors_shrink_with_the_root_of_the_number_of_frames() -> None:
    scene = Scene(LAMPS, noise=0.01)

    few, many = (respond(scene.film(CODE, symbols).looks, "LR").errors["L"] for symbols in (16, 64))

    assert np.median(many) / np.median(few) == pytest.approx(0.5, rel=0.1)


def test_a_lamp_that_lights_nothing_adds_nothing() -> None:
    found = respond(Scene({"L": LAMPS["L"]}).film(CODE).looks, "LR")

    assert abs(strays(found.lamps["R"], 0 * LAMPS["R"], found.errors["R"])).max() < 5


def test_how_often_a_cell_was_too_bright_is_counted() -> None:
    looks = [*Scene(LAMPS, clipped=1.0).film(CODE, 4).looks, *Scene(LAMPS).film(CODE, 12).looks]

    assert respond(looks, "LR").clipped == pytest.approx(np.full((ROWS, COLUMNS), 0.25))


def share(scene: Scene) -> float:
    """How much of the change of light of a scene the words of the code explain."""
    film = scene.film(CODE)
    return explained(pooled(film.looks), slow_drift(film.looks), looks_words(film.looks), "LR")


def test_the_right_words_explain_all_change() -> None:
    assert share(Scene(LAMPS, noise=0.0, drift=0.1)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.1])
@pytest.mark.parametrize("drift", [0.0, 0.3])
def test_where_no_lamp_changes_the_light_words_explain_next_to_nothing(drift: float, noise: float) -> None:
    assert share(Scene({}, drift=drift, noise=noise)) < 0.1


def test_half_of_the_change_is_explained_where_one_of_two_equal_lamps_obeys_another_code() -> None:
    one = Scene({"L": LAMPS["L"]}, noise=0.0, place=0.0).film(CODE)
    other = Scene({"R": LAMPS["L"]}, noise=0.0, place=0.0, obeys=code_of(2)).film(CODE)

    both = pooled(one.looks) + pooled(other.looks)

    assert 0.3 < explained(both, slow_drift(one.looks), looks_words(one.looks), "LR") < 0.75


def test_words_that_never_change_explain_nothing() -> None:
    film = Scene(LAMPS).film(CODE)

    assert explained(pooled(film.looks), slow_drift(film.looks), ["L"] * len(film.looks), "LR") == pytest.approx(0, abs=1e-6)


def test_coarse_light_is_the_mean_of_its_cells() -> None:
    looks = Scene(LAMPS).film(CODE, 2).looks

    coarse = pooled(looks)

    assert coarse.shape == (len(looks), (ROWS // POOLED) * (COLUMNS // POOLED))
    assert coarse[3, 0] == pytest.approx(looks[3].light.cells[:POOLED, :POOLED].mean())
    assert coarse[3, -1] == pytest.approx(looks[3].light.cells[20:24, 20:24].mean())


def test_a_lamp_is_lit_where_its_letter_stands_in_the_word() -> None:
    assert lit(["0", "L", "LR", "R"], "LR").tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
