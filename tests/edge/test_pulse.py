"""The sign of life of a program: given while every part is fresh, by the loop that does the work, and withheld otherwise."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from edge.pulse import EVERY_S, FRAMES_WITHIN_S, Ledger, Part, Pulse
from edge.service_manager import teller
from edge.spool.spool import Spool
from tests.edge.visits import Desk, open_desk
from tests.fakes.stage import Scene, Stage
from wire.result import Verdict

ROOT = Path(__file__).resolve().parents[2]
ALIVE = "WATCHDOG=1"
SLOW_FSYNC_S = 5.0


class Time:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass(frozen=True)
class Shot:
    captured_ns: int


class Watched:
    """A pulse, and what the service manager was told."""

    def __init__(self) -> None:
        self.time = Time()
        self.told: list[str] = []
        self.pulse = Pulse(self.told.append, self.time)

    def beats_after(self, seconds: float) -> bool:
        """Whether a sign of life is given when so much time has gone by."""
        self.time.now_s += seconds
        before = self.told.count(ALIVE)
        self.pulse.beat()
        return self.told.count(ALIVE) > before


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_part_is_stale_once_it_was_not_seen_for_too_long() -> None:
    time = Time()
    ledger = Ledger(time)
    ledger.expect(Part.LINE, 5.0)

    time.now_s += 5.0
    still_fresh = ledger.stale()
    time.now_s += 0.1
    stale = ledger.stale()
    ledger.seen(Part.LINE)

    assert (still_fresh, stale, ledger.stale()) == ((), (Part.LINE,), ())


def test_a_part_that_nobody_expects_is_never_stale() -> None:
    time = Time()
    ledger = Ledger(time)
    ledger.expect(Part.FRAMES, 1.0)
    ledger.seen(Part.LINE)

    ledger.dismiss(Part.FRAMES)
    time.now_s += 1e6

    assert ledger.stale() == ()


def test_one_stale_part_among_fresh_ones_stops_the_sign_of_life(watched: Watched) -> None:
    watched.pulse.ledger.expect(Part.LINE, 5.0)
    watched.pulse.ledger.expect(Part.STAGE, 600.0)

    assert watched.beats_after(4.0)
    assert not watched.beats_after(4.0)

    watched.pulse.ledger.seen(Part.LINE)
    assert watched.beats_after(0.0)


def test_signs_of_life_are_given_no_more_often_than_needed(watched: Watched) -> None:
    given = [watched.beats_after(EVERY_S / 4) for _ in range(9)]

    assert given == [True, False, False, False, True, False, False, False, True]


def test_a_program_says_once_that_it_is_ready_and_each_new_thing_that_it_does(watched: Watched) -> None:
    for status in ("idle", "idle", "out of order:\nthe disk"):
        watched.pulse.ready(status)

    said = [message for message in watched.told if message != ALIVE]
    assert said == ["READY=1", "STATUS=idle", "STATUS=out of order: the disk"]


def test_frames_that_keep_coming_give_signs_of_life_and_none_is_lost(watched: Watched) -> None:
    shots = [Shot(number) for number in range(5)]

    passed = []
    for shot in watched.pulse.watching(shots):
        passed.append(shot)
        watched.time.now_s += EVERY_S

    assert passed == shots
    assert watched.told == [ALIVE] * 5


def test_a_camera_that_repeats_one_frame_for_ever_is_not_alive(watched: Watched) -> None:
    frames = watched.pulse.watching(Shot(7) for _ in range(100))

    for _ in range(40):
        next(frames)
        watched.time.now_s += EVERY_S

    assert watched.told.count(ALIVE) == FRAMES_WITHIN_S / EVERY_S + 1


def test_no_frames_are_expected_once_a_visit_is_over(watched: Watched) -> None:
    frames = watched.pulse.watching([Shot(1), Shot(2)])
    next(frames)

    frames.close()

    assert watched.beats_after(FRAMES_WITHIN_S * 100)


# In a visit


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def test_a_visit_gives_signs_of_life_from_its_frames_and_between_two_writings(desk: Desk, watched: Watched) -> None:
    when: list[tuple[float, str]] = []

    def scene(frame: float) -> Scene:
        watched.time.now_s += EVERY_S
        when.append((frame, "frame"))
        return Scene()

    pulse = Pulse(lambda message: when.append((-1, message)), watched.time)
    report = desk.visit(desk.ticket(), stage=Stage(scene), pulse=pulse)

    assert report.judgement.decision.verdict is Verdict.ACCEPTED
    assert [what for _, what in when].count(ALIVE) >= report.judgement.frames


def test_a_stage_that_hangs_in_the_middle_of_a_visit_gives_no_sign_of_life_meanwhile(desk: Desk, watched: Watched) -> None:
    beats_s: list[float] = []
    frames: list[float] = []

    def scene(frame: float) -> Scene:
        frames.append(frame)
        watched.time.now_s += 60.0 if len(frames) == 3 else EVERY_S
        return Scene()

    pulse = Pulse(lambda _: beats_s.append(watched.time.now_s), watched.time)
    desk.visit(desk.ticket(), stage=Stage(scene), pulse=pulse)

    gaps = [after - before for before, after in pairwise(beats_s)]
    assert max(gaps) >= 60.0
    assert gaps.count(max(gaps)) == 1


class SlowSpool:
    """A spool on a disk that takes 5 s for each fsync; one commit may be followed by a checkpoint of log and database."""

    def __init__(self, spool: Spool, time: Time) -> None:
        self._spool, self._time = spool, time

    def __getattr__(self, name: str) -> object:
        method = getattr(self._spool, name)
        if name not in ("open_attempt", "conclude"):
            return method

        def slowly(*arguments: object) -> object:
            self._time.now_s += 3 * SLOW_FSYNC_S
            return method(*arguments)

        return slowly


def test_a_disk_that_takes_five_seconds_for_each_fsync_does_not_end_a_visit(
    desk: Desk, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F14: the watchdog of the service is never reached, whatever a visit writes."""
    beats_s: list[float] = []
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        synced.append(descriptor)
        watched.time.now_s += SLOW_FSYNC_S

    monkeypatch.setattr("edge.durable_file.os.fsync", sync)
    stage = Stage(lambda _: Scene())
    pulse = Pulse(lambda _: beats_s.append(watched.time.now_s), watched.time)
    slow = cast(Spool, SlowSpool(desk.spool, watched.time))

    desk.visit(desk.ticket(), stage=stage, pulse=pulse, spool=slow)
    watched.time.now_s += EVERY_S
    pulse.beat()

    service = (ROOT / "systemd" / "lifecert-edge.service").read_text(encoding="utf-8")
    watchdog_s = float(re.findall(r"^WatchdogSec=(\d+)$", service, re.MULTILINE)[0])
    assert len(synced) >= 4
    assert max(after - before for before, after in pairwise(beats_s)) < watchdog_s


# The service manager


@pytest.mark.parametrize("name", ["notify.sock", "@lifecert-test"], ids=["a path", "a name without a file"])
def test_what_is_told_reaches_the_socket_of_the_service_manager(name: str, tmp_path: Path) -> None:
    address = f"{name}-{tmp_path.name}" if name.startswith("@") else str(tmp_path / name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0"))
        manager.settimeout(5.0)

        teller({"NOTIFY_SOCKET": address})("READY=1")

        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1"}])
def test_a_program_that_no_service_manager_started_tells_nobody(
    environ: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    teller(environ)("READY=1")

    assert caplog.records == []


def test_a_service_manager_that_is_gone_is_a_line_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    teller({"NOTIFY_SOCKET": str(tmp_path / "gone.sock")})("WATCHDOG=1")

    assert [record.getMessage() for record in caplog.records] == ["the service manager was not reached"]
