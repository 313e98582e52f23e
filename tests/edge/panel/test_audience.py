"""Who looks, and what they see: the newest of each kind, at once, and nothing of the mirror for who does not look into it."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from edge.panel.audience import MOST_SEATS, Audience, Row, Seat, Shown
from edge.panel.stage import Gone
from edge.showing.messages import Condition, Progress, Reflection
from firmware.ports import View

READY, LOOK = View("READY", "Sit down", "", "en"), View("LOOK_HERE", "Look here", "", "en")


def next_of(seat: Seat) -> tuple[Shown, ...] | None:
    return asyncio.run(seat.next(0.01))


def test_who_comes_sees_what_stands() -> None:
    audience = Audience()
    for message in (READY, Progress(0.5), Condition({"free_mib": 1}), Reflection(b"x")):
        audience.hear(message)

    with audience.seat(Row.SCREEN) as screen, audience.seat(Row.OPERATOR) as operator, audience.seat(Row.MIRROR) as mirror:
        assert next_of(screen) == (READY, Progress(0.5))
        assert next_of(operator) == (Condition({"free_mib": 1}),)
        assert next_of(mirror) == ()


def test_before_anything_is_heard_lifecert_edge_is_gone() -> None:
    with Audience().seat(Row.SCREEN) as screen:
        assert next_of(screen) == (Gone(),)


def test_a_slow_browser_gets_the_newest_of_each_kind() -> None:
    audience = Audience()
    with audience.seat(Row.SCREEN) as screen, audience.seat(Row.MIRROR) as mirror:
        for number in range(100):
            audience.hear(View(f"V{number}", "title", "", "en"))
            audience.hear(Progress(number / 100))
            audience.hear(Reflection(bytes([number])))

        assert next_of(screen) == (View("V99", "title", "", "en"), Progress(0.99))
        assert next_of(mirror) == (Reflection(bytes([99])),)


def test_the_progress_of_one_view_is_not_that_of_the_next() -> None:
    audience = Audience()
    with audience.seat(Row.SCREEN) as screen:
        audience.hear(Progress(0.5))
        audience.hear(LOOK)

        assert next_of(screen) == (LOOK,)
    with audience.seat(Row.SCREEN) as late:
        assert next_of(late) == (LOOK,)


def test_that_it_is_gone_is_said_once_and_takes_the_condition_with_it() -> None:
    audience = Audience()
    audience.hear(READY)
    audience.hear(Condition({"free_mib": 1}))
    with audience.seat(Row.SCREEN) as screen, audience.seat(Row.OPERATOR) as operator:
        next_of(screen), next_of(operator)
        audience.hear(Gone())
        assert (next_of(screen), next_of(operator)) == ((Gone(),), (Gone(),))

        audience.hear(Gone())

        assert next_of(screen) == ()
        assert audience.condition is None


def test_the_mirror_is_watched_from_the_first_to_the_last_who_looks() -> None:
    told: list[bool] = []
    audience = Audience(told.append)

    with audience.seat(Row.SCREEN), audience.seat(Row.MIRROR):
        with audience.seat(Row.MIRROR):
            assert told == [True]
        assert told == [True]

    assert told == [True, False]


def test_with_too_many_whoever_sits_longest_stands_up() -> None:
    audience = Audience()
    with ExitStack() as stack:
        seats = [stack.enter_context(audience.seat(Row.MIRROR)) for _ in range(MOST_SEATS + 1)]

        assert next_of(seats[0]) is None
        assert next_of(seats[1]) == ()
        assert audience.count(Row.MIRROR) == MOST_SEATS
    assert audience.count(Row.MIRROR) == 0


def test_when_the_panel_ends_everybody_is_asked_to_go() -> None:
    audience = Audience()
    with audience.seat(Row.SCREEN) as screen:
        audience.close()

        assert next_of(screen) is None
