"""From frames to answers: what the probe keeps, when it answers, and when it says that nobody knows the light."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from edge.flow import LightAnswer, TrackId
from edge.session.light_code import LightCode
from edge.stages.infrared import BLIND_FRAMES, REMEMBERED_NS, InfraredProbe
from edge.stages.match import Points
from edge.stages.relief import ReliefModel
from firmware.frame import Frame, Light
from tests.edge.stages.lamplight import FRAME_NS, Shape, code_of, cylinder, plane
from tests.edge.stages.sitting import POINTS, Sitter, unsure, words_of
from tests.models.made_up import made_up_relief
from wire.reasons import Reason

CODE = code_of(3)
LENGTH = len(CODE.symbols)
FRAMES = 3
"""So many frames does a symbol last here: enough for two lamps, where no clock is needed."""
RELIEF = ReliefModel(made_up_relief())
LIMIT = made_up_relief().threshold
Place = Callable[[Frame], Points | None]


def at_its_place(_: Frame) -> Points | None:
    return POINTS


def unless_dark(frame: Frame) -> Points | None:
    return None if frame.light.word == "0" else POINTS


def answers(
    frames: Iterable[Frame], points: Place = at_its_place, track: Callable[[Frame], int] = lambda _: 1, code: LightCode = CODE
) -> dict[int, LightAnswer]:
    """What a probe answers, by the number of the frame."""
    probe, given = InfraredProbe(code, RELIEF), {}
    for frame in frames:
        seen = points(frame)
        answer = probe.look(frame, None if seen is None else TrackId(track(frame)), seen)
        if answer:
            given[frame.sequence] = answer
    return given


def filmed(count: int, sitter: Sitter | None = None, code: LightCode = CODE) -> list[Frame]:
    """Frames under so many symbols of a code."""
    return list((sitter or Sitter()).film(words_of(code, count), FRAMES))


def test_a_head_that_is_seen_under_enough_symbols_convinces() -> None:
    given = answers(filmed(CODE.needed + 2))

    assert list(given) == [CODE.needed * FRAMES, (CODE.needed + 1) * FRAMES]
    last = given[(CODE.needed + 1) * FRAMES]
    assert (last.symbols, last.hindrance) == (CODE.needed + 2, None)
    assert last.code is not None
    assert last.code > 0.95
    assert last.relief is not None
    assert last.relief > LIMIT


def test_one_symbol_less_is_no_answer() -> None:
    assert answers(filmed(CODE.needed)) == {}


@pytest.mark.parametrize("shape", [plane, cylinder])
def test_a_sheet_answers_the_code_and_has_no_relief(shape: Shape) -> None:
    (given,) = answers(filmed(CODE.needed + 1, Sitter(shape))).values()

    assert given.code is not None
    assert given.code > 0.95
    assert given.relief is not None
    assert given.relief < 0.1


def test_a_face_that_the_lamps_do_not_reach_is_not_judged() -> None:
    recorded = [replace(Sitter().frame("0", frame.sequence), light=frame.light) for frame in filmed(CODE.needed + 1)]

    (given,) = answers(recorded).values()

    assert (given.code, given.relief, given.hindrance) == (None, None, Reason.LIGHT_FAULT)


def test_a_place_as_bright_as_the_sun_drowns_the_lamps() -> None:
    (given,) = answers(filmed(CODE.needed + 1, Sitter(place=0.99))).values()

    assert given.code is None
    assert given.hindrance in (Reason.TOO_BRIGHT, Reason.TOO_MUCH_AMBIENT)


def test_frames_of_unknown_light_are_not_used() -> None:
    """What they show is another shape altogether."""
    flat = Sitter(plane)
    mixed = [
        frame if frame.sequence % FRAMES else unsure(flat.frame(frame.light.word, frame.sequence))
        for frame in filmed(CODE.needed + 1)
    ]

    (given,) = answers(mixed).values()

    assert given.code is not None
    assert given.code > 0.95
    assert given.relief is not None
    assert given.relief > LIMIT


def test_when_nobody_knows_the_light_for_long_that_is_a_fault_of_the_unit() -> None:
    given = answers(map(unsure, filmed(LENGTH)))

    assert list(given) == list(range(BLIND_FRAMES - 1, LENGTH * FRAMES))
    assert set(given.values()) == {LightAnswer(2 * LENGTH, None, None, Reason.LIGHT_FAULT)}


def test_unknown_light_is_no_fault_while_nobody_is_there() -> None:
    assert answers(map(unsure, filmed(LENGTH)), points=lambda _: None) == {}


def test_lamps_that_play_another_code_get_no_point() -> None:
    given = answers(filmed(2 * LENGTH, code=code_of(4)))

    assert min(given) == LENGTH * FRAMES
    assert {(answer.code, answer.relief, answer.hindrance) for answer in given.values()} == {(0.0, None, None)}


def test_lamps_that_stay_as_they_are_get_no_answer() -> None:
    assert answers(Sitter().film(["L"] * 2 * LENGTH, FRAMES)) == {}


def test_another_face_is_judged_by_its_own_light_alone() -> None:
    half = LENGTH * FRAMES
    frames = [*filmed(LENGTH), *Sitter(plane).film(words_of(CODE, 2 * LENGTH), FRAMES)]
    frames[half:] = [replace(frame, sequence=at, captured_ns=at * FRAME_NS) for at, frame in enumerate(frames[half:], half)]

    given = answers(frames, track=lambda frame: 1 if frame.sequence < half else 2)

    first, last = given[half - FRAMES], given[max(given)]
    assert first.relief is not None
    assert first.relief > LIMIT
    assert last.relief is not None
    assert last.relief < 0.1
    assert last.symbols == 2 * LENGTH
    assert all(answer.relief is None or answer.relief < 0.1 for at, answer in given.items() if at >= half)


def test_in_the_dark_of_the_code_the_face_is_read_where_it_was_seen_last() -> None:
    """The detector finds nobody there; without the dark frames a lamp could not be told from the place."""
    (found,) = answers(filmed(CODE.needed + 1), unless_dark).values()
    (whole,) = answers(filmed(CODE.needed + 1)).values()

    assert found == whole


def test_in_the_light_a_face_that_is_not_seen_is_not_read() -> None:
    """A lamp shines; what stands where the face was is a bright wall."""

    def head_only(frame: Frame) -> Points | None:
        return POINTS if frame.sequence % 2 or frame.light.word == "0" else None

    wall = Sitter(place=0.7)
    mixed = [
        frame if head_only(frame) is not None else wall.frame(frame.light.word, frame.sequence)
        for frame in filmed(CODE.needed + 1)
    ]

    (given,) = answers(mixed, head_only).values()

    assert given.code is not None
    assert given.code > 0.95


@pytest.mark.parametrize(("apart_ns", "convincing"), [(REMEMBERED_NS // FRAMES, False), (REMEMBERED_NS // FRAMES + 1, True)])
def test_a_face_that_was_seen_too_long_ago_is_not_looked_for_in_the_dark(apart_ns: int, convincing: bool) -> None:
    """The last frame of each dark symbol shows a bright wall: it spoils the answer where it is read."""
    frames = [replace(frame, captured_ns=frame.sequence * apart_ns) for frame in filmed(CODE.needed + 1)]
    wall = Sitter(place=0.7)
    walled = [
        replace(wall.frame("0", frame.sequence), captured_ns=frame.captured_ns)
        if frame.light.word == "0" and frame.sequence % FRAMES == FRAMES - 1
        else frame
        for frame in frames
    ]

    (given,) = answers(walled, unless_dark).values()

    assert (given.code is not None and given.code > 0.95) is convincing


def test_a_face_that_moves_between_frames_is_followed() -> None:
    moving = [
        Sitter(shift_px=number // FRAMES % 8).frame(word, number)
        for number, word in enumerate(chain.from_iterable([word] * FRAMES for word in words_of(CODE, CODE.needed + 1)))
    ]

    (given,) = answers(moving, lambda frame: np.add(POINTS, (frame.sequence // FRAMES % 8, 0))).values()

    assert given.code is not None
    assert given.code > 0.95
    assert given.relief is not None
    assert given.relief > LIMIT


def test_a_single_lamp_answers_the_code_and_has_no_relief() -> None:
    code = code_of(3, "L")

    given = answers(Sitter().film(words_of(code, len(code.symbols) + 2)), code=code)

    last = given[max(given)]
    assert last.code is not None
    assert last.code > 0.95
    assert last.relief is None


def test_the_white_lamp_that_stays_on_is_part_of_the_place() -> None:
    lit = [f"{word}V".replace("0", "") for word in words_of(CODE, CODE.needed + 1)]

    (given,) = answers(Sitter(place=0.2).film(lit, FRAMES)).values()

    assert given.code is not None
    assert given.code > 0.95
    assert given.relief is not None
    assert given.relief > LIMIT


def strengths(frames: Iterable[Frame]) -> dict[str, float]:
    """What a probe tells of the lamps after these frames; the face is lost at the end, which takes nothing back."""
    probe = InfraredProbe(CODE, RELIEF)
    for frame in frames:
        probe.look(frame, TrackId(1), POINTS)
    probe.forget()
    return dict(probe.strengths)


def test_a_visit_tells_how_much_each_lamp_gave() -> None:
    told = strengths(filmed(CODE.needed + 1))

    assert set(told) == {"L", "R"}
    assert told["L"] == pytest.approx(told["R"], rel=0.2)
    assert told["L"] > 0.05


def test_a_lamp_that_was_told_to_shine_and_did_not_gave_nothing() -> None:
    words = words_of(CODE, CODE.needed + 1)
    sitter = Sitter()
    frames = [
        sitter.frame(word.replace("L", "") or "0", number * FRAMES + part, Light.parse(word))
        for number, word in enumerate(words)
        for part in range(FRAMES)
    ]

    told = strengths(frames)

    assert abs(told["L"]) < 0.02 * told["R"]


def test_a_visit_whose_light_nobody_knew_or_that_was_too_short_tells_nothing_of_the_lamps() -> None:
    assert strengths(filmed(3)) == {}
    assert strengths(unsure(frame) for frame in filmed(CODE.needed + 1)) == {}


def test_lamps_that_light_a_blinding_place_tell_nothing() -> None:
    assert strengths(filmed(CODE.needed + 1, Sitter(place=1.2))) == {}
