"""Only the light of this visit's code, at its time, is an answer; a recording of any other light is none."""

from __future__ import annotations

import pytest

from edge.session.light_code import CODE_BYTES, CODE_PURPOSE, light_code
from edge.stages.answer import DECOYS, CodeAnswer, answer_of
from tests.edge.stages.lamplight import SYMBOL_NS, Scene, both_sides, code_of, head, shaded
from wire.derive import derived_bytes

LAMPS = both_sides(head)
CONVINCING, WORTHLESS = 0.9, 0.35


def answer(scene: Scene, visit: int = 1, lamps: str = "LR", symbols: int = 16) -> CodeAnswer:
    """How a scene answers the code of a visit."""
    code = code_of(visit, lamps)
    film = scene.film(code, symbols)
    return answer_of(film.looks, film.places, film.begins_ns, code)


@pytest.mark.parametrize("visit", range(4))
def test_a_face_that_answers_the_code_convinces(visit: int) -> None:
    found = answer(Scene(LAMPS, noise=0.01), visit)

    assert found.own > CONVINCING
    assert found.score > CONVINCING
    assert max(found.best_wrong, found.late) < 0.8


@pytest.mark.parametrize(("place", "drift"), [(0.0, 0.0), (0.3, 0.2), (0.4, -0.3)])
def test_the_light_of_the_place_and_its_drift_do_not_matter(place: float, drift: float) -> None:
    assert answer(Scene(LAMPS, place, drift)).score > CONVINCING


@pytest.mark.parametrize("other", range(2, 12))
def test_a_face_that_answers_the_code_of_another_visit_is_worthless(other: int) -> None:
    assert answer(Scene(LAMPS, obeys=code_of(other))).score < WORTHLESS


@pytest.mark.parametrize("symbols_late", [1, 2, 3, 5, 8, 12, 15, -1, -2])
def test_the_right_code_at_another_time_is_worthless(symbols_late: int) -> None:
    found = answer(Scene(LAMPS, late=symbols_late), symbols=32)

    assert found.score < WORTHLESS
    assert found.best_wrong == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("early", "recognized"), [(1, True), (4, True), (12, False)])
def test_a_long_code_at_an_earlier_time_is_worthless_and_recognized_if_it_is_near(early: int, recognized: bool) -> None:
    found = answer(Scene({"V": shaded(head, "L")}, late=-early), lamps="V", symbols=48)

    assert found.score < WORTHLESS
    assert (found.best_wrong > 0.99) is recognized


@pytest.mark.parametrize("number", [0, 9, DECOYS - 1])
def test_codes_that_no_visit_asks_for_are_held_against_the_light_too(number: int) -> None:
    stream = derived_bytes(number.to_bytes(2, "big"), f"decoy of {CODE_PURPOSE}", CODE_BYTES)

    found = answer(Scene(LAMPS, obeys=light_code(stream, "LR", SYMBOL_NS)))

    assert found.best_wrong == pytest.approx(1.0, abs=0.01)
    assert found.score < 0


@pytest.mark.parametrize("noise", [0.001, 0.02, 0.1])
@pytest.mark.parametrize("visit", range(3))
def test_a_face_that_does_not_answer_is_worthless(visit: int, noise: float) -> None:
    found = answer(Scene({}, noise=noise), visit)

    assert max(found.own, found.best_wrong, found.late, found.score) < 0.2


def test_a_face_that_shows_nothing_at_all_is_worthless_and_gives_numbers() -> None:
    found = answer(Scene({}, noise=0.0))

    assert (found.own, found.best_wrong, found.late, found.score) == pytest.approx((0, 0, 0, 0), abs=0.02)


@pytest.mark.parametrize("late", [1 / 3, 1 / 2, 5 / 6])
@pytest.mark.parametrize("visit", range(3))
def test_lamps_that_obey_some_frames_late_are_told_from_a_wrong_code(visit: int, late: float) -> None:
    found = answer(Scene(LAMPS, late=late), visit)

    assert found.late > max(0.8, found.own + 0.1, found.best_wrong + 0.1)


def test_a_code_with_a_lamp_above_is_answered_by_three_lamps() -> None:
    assert answer(Scene({**LAMPS, "T": 0.7 * shaded(head, "R")}), lamps="LRT").score > CONVINCING


def test_a_single_lamp_is_answered_too_and_not_by_another_code() -> None:
    lamps = {"V": shaded(head, "L")}

    assert answer(Scene(lamps), lamps="V", symbols=48).score > CONVINCING
    assert answer(Scene(lamps, obeys=code_of(7, "V")), lamps="V", symbols=48).score < WORTHLESS
    assert answer(Scene(lamps, late=1), lamps="V", symbols=48).score < WORTHLESS


def test_the_score_tells_how_much_of_what_is_left_unexplained_the_own_code_explains() -> None:
    assert CodeAnswer(own=0.9, best_wrong=0.5, late=0.1).score == pytest.approx(0.8)
    assert CodeAnswer(own=0.5, best_wrong=0.5, late=0.9).score == 0.0
    assert CodeAnswer(own=0.4, best_wrong=0.5, late=0.9).score < 0
    assert CodeAnswer(own=1.0, best_wrong=1.0, late=0.9).score == 0.0
