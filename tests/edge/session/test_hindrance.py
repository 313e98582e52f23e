"""What stood in the way of a good picture is counted frame by frame, and named."""

from __future__ import annotations

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
