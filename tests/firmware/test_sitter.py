"""A person does what the screen asks, in time; a hand can only turn and tilt what it holds; a film hears nothing."""

from collections.abc import Callable

import numpy as np
import pytest

from firmware.twin.physics.motion import Expression, Pose
from firmware.twin.physics.species import Species
from firmware.twin.sitter import (
    AGAIN_S,
    LASTS_S,
    LEAST_EXTENT,
    NOD_DEG,
    REACTION_S,
    TURN_DEG,
    Deed,
    Doing,
    Film,
    Hand,
    Person,
    Sitter,
    Sway,
    expressed,
    sitter_of,
)

REST = Pose(2.0, -1.0, 1.0, 0.3, -0.2, 40.0)
SEEDS = range(4)
LOOKS_PER_S = 30
ASKED_S = 3.0
Moment = tuple[float, Pose, Expression]

DONE: dict[Deed, Callable[[Pose, Expression], float]] = {
    Deed.BLINK: lambda _, face: face.eyes_shut,
    Deed.OPEN_MOUTH: lambda _, face: face.mouth_open,
    Deed.NOD: lambda pose, _: (pose.pitch_deg - REST.pitch_deg) / NOD_DEG,
    Deed.LOOK_UP: lambda pose, _: (REST.pitch_deg - pose.pitch_deg) / NOD_DEG,
    Deed.TURN_LEFT: lambda pose, _: (pose.yaw_deg - REST.yaw_deg) / TURN_DEG,
    Deed.TURN_RIGHT: lambda pose, _: (REST.yaw_deg - pose.yaw_deg) / TURN_DEG,
}
"""How far a deed is done, about 0 to 1."""
BY_A_HAND = (Deed.NOD, Deed.TURN_LEFT, Deed.TURN_RIGHT, Deed.LOOK_UP)


def _dice(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _watch(sitter: Sitter, word: str, until_s: float = 6.0, asked_until_s: float = 1e9) -> list[Moment]:
    """The word is on the screen from ASKED_S on."""
    times = np.arange(0, until_s, 1 / LOOKS_PER_S)
    return [(now_s, *sitter.at(now_s, word if ASKED_S <= now_s < asked_until_s else "")) for now_s in times.tolist()]


def _times(moments: list[Moment], deed: Deed, least: float) -> list[float]:
    """When a deed was done so far."""
    return [now_s for now_s, pose, face in moments if DONE[deed](pose, face) > least]


# --- a person ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("deed", list(Deed))
def test_a_person_does_what_is_asked_in_time(deed: Deed, seed: int) -> None:
    moments = _watch(Person(_dice(seed), REST), deed)

    done_s = [now_s for now_s in _times(moments, deed, 0.75) if now_s >= ASKED_S]

    assert ASKED_S + REACTION_S[0] < done_s[0] < ASKED_S + REACTION_S[1] + LASTS_S[deed][1] / 2


def test_who_is_asked_to_blink_shuts_the_eyes_even_by_the_least_extent() -> None:
    assert expressed(Deed.BLINK, LEAST_EXTENT, 0.0).eyes_shut == 1.0
    assert expressed(Deed.OPEN_MOUTH, LEAST_EXTENT, 0.0) == Expression(mouth_open=LEAST_EXTENT)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("deed", [deed for deed in Deed if deed is not Deed.BLINK])
def test_a_person_does_nothing_before_the_word_can_have_been_read(deed: Deed, seed: int) -> None:
    moments = _watch(Person(_dice(seed), REST), deed, ASKED_S + REACTION_S[0])

    assert _times(moments, deed, 0.35) == []


@pytest.mark.parametrize("asked", list(Deed))
def test_a_person_does_nothing_else(asked: Deed) -> None:
    others = [deed for deed in Deed if deed not in (asked, Deed.BLINK)]

    moments = _watch(Person(_dice(1), REST), asked)

    assert [deed for deed in others if _times(moments, deed, 0.35)] == []


def test_a_person_is_at_rest_again_afterwards() -> None:
    moments = _watch(Person(_dice(1), REST), Deed.TURN_LEFT, asked_until_s=ASKED_S + 0.1)

    done_s = _times(moments, Deed.TURN_LEFT, 0.35)

    assert done_s[-1] < ASKED_S + REACTION_S[1] + LASTS_S[Deed.TURN_LEFT][1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_person_tries_again_while_the_word_stands(seed: int) -> None:
    moments = _watch(Person(_dice(seed), REST), Deed.TURN_LEFT, 15.0)

    turned_s = np.array(_times(moments, Deed.TURN_LEFT, 0.4))

    pauses_s = np.diff(turned_s)
    pauses_s = pauses_s[pauses_s > 0.1]
    assert 2 <= len(pauses_s) <= 5
    assert pauses_s.min() > AGAIN_S[0]
    assert pauses_s.max() < AGAIN_S[1] + 1


def test_a_word_that_comes_back_is_answered_at_once() -> None:
    person, words = Person(_dice(1), REST), {0: Deed.NOD, 4: Deed.NOD}
    moments = []
    for now_s in np.arange(0, 7, 1 / LOOKS_PER_S).tolist():
        moments.append((now_s, *person.at(now_s, words.get(int(now_s), ""))))

    again_s = [now_s for now_s in _times(moments, Deed.NOD, 0.7) if now_s > 4]

    assert 4 + REACTION_S[0] < again_s[0] < 4 + REACTION_S[1] + LASTS_S[Deed.NOD][1] / 2


@pytest.mark.parametrize("word", ["", "HOLD_STILL", "ask_nod", "NOD"])
def test_a_word_that_asks_for_nothing_is_not_answered(word: str) -> None:
    moments = _watch(Person(_dice(1), REST), word)

    assert [deed for deed in Deed if deed is not Deed.BLINK and _times(moments, deed, 0.35)] == []


@pytest.mark.parametrize("deed", list(Deed))
def test_a_person_who_does_not_oblige_does_as_without_a_word(deed: Deed) -> None:
    stubborn = _watch(Person(_dice(1), REST, obliging=False), deed)

    assert stubborn == _watch(Person(_dice(1), REST), "")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_person_blinks_by_the_way_every_two_to_six_seconds(seed: int) -> None:
    moments = _watch(Person(_dice(seed), REST), "", 40.0)

    pauses_s = np.diff(np.array(_times(moments, Deed.BLINK, 0.5)))

    pauses_s = pauses_s[pauses_s > 0.1]
    assert len(pauses_s) >= 5
    assert pauses_s.min() > 1.5
    assert pauses_s.max() < 6.1


def test_lids_never_go_beyond_shut() -> None:
    moments = [moment for seed in SEEDS for moment in _watch(Person(_dice(seed), REST), Deed.BLINK)]

    assert max(face.eyes_shut for _, _, face in moments) == 1.0


def test_whoever_keeps_still_stays_near_the_rest_and_never_quite_still() -> None:
    sway = Sway(_dice(1), REST, turns_deg=1.2, shifts_cm=0.25)

    poses = [sway.at(now_s) for now_s in np.arange(0, 20, 1 / 30).tolist()]

    yaws, aways = np.array([pose.yaw_deg for pose in poses]), np.array([pose.away_cm for pose in poses])
    assert np.abs(yaws - REST.yaw_deg).max() < 6
    assert np.abs(aways - REST.away_cm).max() < 1.2
    assert (np.diff(yaws) != 0).all()


def test_a_deed_grows_and_goes() -> None:
    nod = Doing(Deed.NOD, start_s=2.0, lasts_s=1.0, extent=0.9)

    assert [nod.share(now_s) for now_s in (0.0, 2.0, 3.0, 9.0)] == [0.0] * 4
    assert nod.share(2.5) == pytest.approx(0.9)
    assert 0 < nod.share(2.05) < nod.share(2.1) < 0.9


# --- a hand --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("deed", BY_A_HAND)
def test_a_hand_turns_and_tilts(deed: Deed, seed: int) -> None:
    moments = _watch(Hand(_dice(seed), REST, eyes_behind=False), deed)

    assert _times(moments, deed, 0.75)[0] > ASKED_S


@pytest.mark.parametrize("deed", list(Deed))
def test_a_face_on_a_thing_never_moves(deed: Deed) -> None:
    moments = [moment for seed in SEEDS for moment in _watch(Hand(_dice(seed), REST, eyes_behind=False), deed)]

    assert {face for _, _, face in moments} == {Expression()}


def test_eyes_behind_holes_blink_and_nothing_else() -> None:
    def faces(deed: Deed) -> set[Expression]:
        return {face for _, _, face in _watch(Hand(_dice(1), REST, eyes_behind=True), deed)}

    assert max(face.eyes_shut for face in faces(Deed.BLINK)) > 0.75
    assert {face.mouth_open for face in faces(Deed.BLINK)} == {0.0}
    assert faces(Deed.OPEN_MOUTH) == faces(Deed.NOD) == {Expression()}


def test_some_hands_tilt_a_print_so_that_eyes_seem_to_shut() -> None:
    tilts = [
        min(pose.pitch_deg for _, pose, _ in _watch(Hand(_dice(seed), REST, eyes_behind=False), Deed.BLINK)) for seed in SEEDS
    ]

    assert any(tilt < REST.pitch_deg - 25 for tilt in tilts)
    assert any(tilt > REST.pitch_deg - 10 for tilt in tilts)


# --- a film --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", list(Deed))
def test_a_film_hears_no_word(deed: Deed) -> None:
    assert _watch(Film(_dice(1), REST), deed, 20.0) == _watch(Film(_dice(1), REST), "", 20.0)


def test_a_filmed_face_moves_in_the_picture_and_not_with_the_screen() -> None:
    moments = [moment for seed in SEEDS for moment in _watch(Film(_dice(seed), REST), "", 20.0)]

    faces = [face for _, _, face in moments]
    assert min(face.film_yaw_deg for face in faces) < -20
    assert max(face.film_yaw_deg for face in faces) > 20
    assert max(face.film_pitch_deg for face in faces) > 15
    assert max(face.eyes_shut for face in faces) == max(face.mouth_open for face in faces) == 1.0
    assert max(abs(pose.yaw_deg - REST.yaw_deg) for _, pose, _ in moments) < 8


# --- who sits there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("species", list(Species))
def test_only_the_living_do_everything_that_is_asked(species: Species) -> None:
    unasked = _watch(sitter_of(species, _dice(4), REST), "", 5.5)

    def answers(deed: Deed) -> bool:
        asked = _watch(sitter_of(species, _dice(4), REST), deed, 5.5)
        return asked != unasked and max(DONE[deed](pose, face) for _, pose, face in asked) > 0.7

    answered = {deed for deed in Deed if answers(deed)}

    film, cut_out = (Species.PHONE, Species.TABLET, Species.PROJECTED), {*BY_A_HAND, Deed.BLINK}
    by_a_thing = cut_out if species is Species.CUT_OUT else set() if species in film else set(BY_A_HAND)
    assert answered == (set(Deed) if species is Species.LIVE else by_a_thing)
