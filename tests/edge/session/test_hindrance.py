"""What stood in the way of a good picture is counted frame by frame, and named."""

from __future__ import annotations

from dataclasses import replace

from edge.flow import Flaw, Observation
from edge.session.states import Event
from tests.edge.observations import flawed, nobody, usable
from tests.edge.session.course import Course
from tests.edge.session.test_gather import ready
from wire.reasons import Reason


def test_what_stood_in_the_way_most_often_is_named() -> None:
    course = Course()

    course.take_all([*(flawed(n, Reason.TOO_FAR) for n in range(6)), *(flawed(10 + n, Reason.TOO_DARK) for n in range(3))])
    course.take_all([usable(20), nobody(30)])

    assert course.gatherer.hindrance is Reason.TOO_FAR


def test_a_flaw_of_every_frame_outweighs_worse_ones_that_come_and_go() -> None:
    course = Course()
    passing = (Reason.HEAD_TURNED, Reason.HOLD_STILL, Reason.HEAD_TURNED, Reason.TOO_DARK)

    course.take_all(flawed(n, worse, Reason.TOO_FAR) for n, worse in enumerate(passing))

    assert course.gatherer.hindrance is Reason.TOO_FAR


def with_flaws(at_ms: float, *flaws: Flaw) -> Observation:
    seen = flawed(at_ms)
    assert seen.sample is not None
    return replace(seen, sample=replace(seen.sample, flaws=flaws))


def test_what_does_not_block_is_a_hindrance_only_where_it_brings_about_what_does() -> None:
    far, soft = Flaw(Reason.TOO_FAR, 0.3), Flaw(Reason.HOLD_STILL, 0.2, blocks=False)
    window, dark = Flaw(Reason.BACKLIT, 0.9, blocks=False), Flaw(Reason.TOO_DARK, 0.1)
    beside, behind = Course(), Course()

    beside.take_all([with_flaws(0, soft, far), *(with_flaws(30 + n, far, soft) for n in range(5))])
    behind.take_all(with_flaws(n, window, dark) for n in range(5))

    assert beside.gatherer.hindrance is Reason.TOO_FAR
    assert behind.gatherer.hindrance is Reason.BACKLIT


def test_a_word_is_no_hindrance() -> None:
    course = Course()

    course.take_all(with_flaws(n, Flaw(Reason.SIDE_LIT, 0.9, blocks=False)) for n in range(9))

    assert course.gatherer.hindrance is None


def test_no_face_is_a_hindrance_too() -> None:
    course = Course()

    course.take_all([nobody(0), nobody(30), flawed(60, Reason.TOO_DARK)])

    assert course.gatherer.hindrance is Reason.NO_FACE


def test_nothing_stood_in_the_way_when_half_of_the_frames_were_good() -> None:
    course = Course()

    course.take_all([nobody(0), flawed(30, Reason.TOO_DARK, Reason.TOO_FAR), usable(60), usable(90)])

    assert course.gatherer.hindrance is None


def test_what_stood_in_the_way_is_known_also_after_the_face_was_lost() -> None:
    course = Course()
    course.take_all(ready())

    course.take_all(flawed(100 + 100 * n, Reason.TOO_DARK) for n in range(12))

    assert Event.FACE_LOST in course.spoken
    assert course.gatherer.hindrance is Reason.TOO_DARK
