"""A program on duty stays when its disk or its camera fails, says what is wrong, and works again when that has passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from edge.duty import DISK_ERRORS, LONGEST_S, SHORTEST_S, Patience, stay_on_duty
from edge.errors import IdentityDamagedError, StoreFullError, StoreUnusableError
from edge.pulse import Pulse
from firmware.errors import CameraNotFoundError, FirmwareError


class ShiftEndsError(BaseException):
    """The test has seen enough."""


class Post:
    """A unit whose openings and turns go as a test scripts them; `None` goes well."""

    def __init__(self, openings: list[Exception | None], turns: list[Exception | None], ailments: tuple[str, ...] = ()) -> None:
        self.openings, self.turns, self.ailments = openings, turns, list(ailments)
        self.told: list[str] = []
        self.waited: list[float] = []
        self.closed = 0

    @contextmanager
    def opened(self) -> Iterator[Callable[[], str | None]]:
        self._go(self.openings)
        try:
            yield self._turn
        finally:
            self.closed += 1

    def _turn(self) -> str | None:
        self._go(self.turns)
        return self.ailments.pop(0) if self.ailments else None

    @staticmethod
    def _go(script: list[Exception | None]) -> None:
        if not script:
            raise ShiftEndsError
        error = script.pop(0)
        if error is not None:
            raise error

    def serve(self) -> None:
        now_s = 0.0

        def pause(seconds: float) -> None:
            nonlocal now_s
            now_s += seconds
            self.waited.append(seconds)

        stay_on_duty(self.opened, Pulse(self.told.append, lambda: now_s), pause, (*DISK_ERRORS, FirmwareError))

    @property
    def statuses(self) -> list[str]:
        return [message.removeprefix("STATUS=") for message in self.told if message.startswith("STATUS=")]


@pytest.mark.parametrize(
    "error",
    [StoreFullError("the disk is full"), StoreUnusableError("its disk is read-only"), CameraNotFoundError("usb:0", "gone")],
)
def test_what_may_pass_is_named_and_tried_again_until_it_has_passed(error: Exception) -> None:
    post = Post([error, error, None], [None])

    with pytest.raises(ShiftEndsError):
        post.serve()

    assert post.told[0] == "READY=1"
    assert post.statuses == [f"out of order: {error}", "idle: waits for a ticket"]
    assert sum(post.waited) >= 3 * SHORTEST_S


def test_a_unit_that_is_open_and_serves_nobody_says_why_until_it_serves() -> None:
    post = Post([None], [None, None, None], ("STORE_FULL", "STORE_FULL"))

    with pytest.raises(ShiftEndsError):
        post.serve()

    assert post.statuses == ["out of order: STORE_FULL", "idle: waits for a ticket"]


def test_a_unit_out_of_order_gives_signs_of_life_every_second() -> None:
    post = Post([StoreUnusableError("its disk is read-only")], [])

    with pytest.raises(ShiftEndsError):
        post.serve()

    assert post.told.count("WATCHDOG=1") >= SHORTEST_S
    assert max(post.waited) <= 1.0


def test_a_fault_in_a_turn_closes_the_unit_before_it_is_opened_again() -> None:
    post = Post([None, None], [None, StoreFullError("the disk is full"), None])

    with pytest.raises(ShiftEndsError):
        post.serve()

    assert post.closed == 2
    assert post.statuses[-1] == "idle: waits for a ticket"


def test_what_waiting_cannot_mend_ends_the_program() -> None:
    post = Post([IdentityDamagedError("a key is missing")], [])

    with pytest.raises(IdentityDamagedError):
        post.serve()

    assert post.told == []


def test_patience_waits_longer_after_each_failure_and_starts_anew_after_success() -> None:
    waited: list[float] = []
    patience = Patience(Pulse(lambda _: None, lambda: 0.0), waited.append)
    error = StoreFullError("the disk is full")

    lengths = []
    for _ in range(6):
        waited.clear()
        patience.wait(error)
        lengths.append(sum(waited))
    patience.worked()
    waited.clear()
    patience.wait(error)

    assert lengths == [5.0, 10.0, 20.0, 40.0, LONGEST_S, LONGEST_S]
    assert sum(waited) == SHORTEST_S
