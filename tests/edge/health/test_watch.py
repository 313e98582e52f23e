"""The watch looks seldom, makes room before it refuses, tells everybody of each look, and says a change once."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from edge.flow import Decision
from edge.health.faults import TABLE, Fault, State
from edge.health.health import Facts, Health
from edge.health.watch import LOOK_EVERY_S, SHOWN_S, Watch
from firmware.errors import CameraBusyError, CameraStalledError
from tests.edge.health.facts import LIMITS, disk, facts
from wire.reasons import Reason
from wire.result import Verdict

STALLED = CameraStalledError("usb:0", "silent")
ABORTED = Decision(Verdict.ABORTED, (Reason.CAMERA_LOST,))
ACCEPTED = Decision(Verdict.ACCEPTED, ())


@dataclass
class Bench:
    """A watch whose facts, time and trials a test holds in its hand."""

    known: Callable[[], Facts] = facts
    now_s: float = 0.0
    asked: int = 0
    trials: int = 0
    broken: Exception | None = None
    freed: list[int] = field(default_factory=list)
    gives: int = 0
    told: list[Health] = field(default_factory=list)
    devices: list[Fault | None] = field(default_factory=list)
    cut_off: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = Watch(
            self, LIMITS, self.try_it, self.make_room, lambda: self.now_s, lambda health, _: self.told.append(health), True
        )

    def facts(self, device: Fault | None, *, interrupted: bool) -> Facts:
        self.asked += 1
        self.devices.append(device)
        self.cut_off.append(interrupted)
        known = self.known()
        return known if device is None else facts(device=device)

    def try_it(self) -> None:
        self.trials += 1
        if self.broken:
            raise self.broken

    def make_room(self, needed_bytes: int) -> int:
        self.freed.append(needed_bytes)
        return self.gives


def test_between_two_looks_nobody_is_asked() -> None:
    bench = Bench()

    for _ in range(100):
        bench.watch.look()
    assert bench.asked == len(bench.told) == 1
    bench.now_s += LOOK_EVERY_S
    bench.watch.look()

    assert (bench.asked, bench.trials) == (2, 0)


def test_a_failure_is_seen_at_the_very_next_look() -> None:
    bench = Bench()
    bench.watch.look()

    bench.watch.failed(STALLED)

    assert bench.watch.look().faults == (Fault.CAMERA_SILENT,)


def test_the_result_of_a_visit_stands_on_the_screen_before_anything_else_is_told() -> None:
    bench = Bench()
    bench.watch.look()

    bench.watch.ended(ACCEPTED)
    bench.now_s += SHOWN_S - 0.1
    bench.watch.look()
    assert len(bench.told) == 1
    bench.now_s += 0.1
    bench.watch.look()

    assert len(bench.told) == 2


def test_a_visit_that_ends_well_takes_failures_and_the_cut_off_visit_back() -> None:
    bench = Bench()
    bench.watch.failed(STALLED)
    bench.watch.failed(STALLED)
    assert bench.watch.look().state is State.PAUSED

    bench.watch.ended(ACCEPTED)
    bench.now_s += SHOWN_S
    bench.watch.look()
    bench.watch.ended(ABORTED)
    health = bench.watch.look()

    assert health.state is State.PAUSED
    assert bench.devices == [Fault.CAMERA_SILENT, None, Fault.CAMERA_SILENT]
    assert bench.cut_off == [True, False, False]


def test_a_visitor_who_cancels_is_no_failure() -> None:
    bench = Bench()

    for _ in range(5):
        bench.watch.ended(Decision(Verdict.ABORTED, (Reason.CANCELLED,)))
        bench.watch.ended(Decision(Verdict.REFUSED, (Reason.LIGHT_FAULT,)))

    assert bench.watch.look().state is State.SERVING


def test_room_is_made_before_anybody_is_turned_away() -> None:
    disks = iter([disk(96), disk(90)])
    bench = Bench(lambda: facts(storage=next(disks)), gives=1)

    health = bench.watch.look()

    assert bench.freed[0] > 0
    assert health.faults == (Fault.STORAGE_LOW,)


def test_where_nothing_can_go_the_unit_pauses_and_asks_again_at_each_look() -> None:
    bench = Bench(lambda: facts(storage=disk(96)), gives=0)

    for _ in range(3):
        assert bench.watch.look().state is State.PAUSED
        bench.now_s += LOOK_EVERY_S

    assert (bench.asked, len(bench.freed)) == (3, 3)


def test_a_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(lambda: facts(celsius=95.0))

    with caplog.at_level(logging.INFO, "lifecert.health"):
        for _ in range(4):
            bench.watch.look()
            bench.now_s += LOOK_EVERY_S

    (record,) = caplog.records
    assert (record.levelname, record.__dict__["state"], record.__dict__["faults"]) == ("ERROR", "paused", "overheated")


def test_a_trial_that_fails_otherwise_tells_the_newer_fault() -> None:
    bench = Bench(broken=CameraBusyError("usb:0", "/dev/video0"))
    bench.watch.failed(STALLED)
    assert bench.watch.look().faults == (Fault.CAMERA_SILENT,)

    bench.now_s += 5
    health = bench.watch.look()

    assert (bench.trials, health.faults) == (1, (Fault.CAMERA_BUSY,))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_failed_and_however_often_a_unit_that_is_well_again_serves_again(seed: int) -> None:
    """A random walk of failures, visits and pauses; then everything works. No fault may keep a unit out for ever."""
    dice = random.Random(seed)
    known = facts()
    bench = Bench(lambda: known)
    for _ in range(100):
        bench.broken = dice.choice([None, STALLED])
        known = dice.choice([facts(), facts(celsius=90.0), facts(storage=disk(99)), facts(silent_lamps="L")])
        health = bench.watch.look()
        if health.serves and dice.random() < 0.5:
            bench.watch.ended(dice.choice([ABORTED, ACCEPTED, Decision(Verdict.ABORTED, (Reason.LIGHT_FAULT,))]))
        elif dice.random() < 0.2:
            bench.watch.failed(STALLED)
        assert health.serves is not any(not TABLE[fault].state.serves for fault in health.faults)
        bench.now_s += dice.uniform(0, 30)

    bench.broken, known = None, facts(celsius=50.0)
    bench.now_s += 60
    bench.watch.look()
    bench.now_s += LOOK_EVERY_S

    assert bench.watch.look().state is State.SERVING
