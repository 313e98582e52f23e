"""The unit's clock: a floor that holds, a state that is honest, and nothing that a wrong clock can break (F11, F12)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import BUILD_TIME_S, TimeSources, UnitClock, judge, machine_sources, network_has_set_the_clock
from edge.clock_memory import Anchor, ClockMemory, memory_bytes, read_memory
from tests.builders import NOW_S, YEAR_S, authority, result, unit_certificate
from wire.claims import MAX_TIME_S
from wire.keys import check_result_certificate
from wire.result import ClockState, read_result, result_payload

SEED = b"\x07" * 32


@dataclass
class Machine:
    """A machine whose clocks a test sets."""

    wall_s: float = NOW_S
    uptime_s: float = 100.0
    synchronised: bool = False
    boot_id: str = "boot-1"
    boots: int = 1

    def sources(self) -> TimeSources:
        seed = bytes([self.boots]) * 32
        return TimeSources(
            lambda: self.wall_s, lambda: self.uptime_s, lambda: self.synchronised, self.boot_id, lambda n: seed[:n]
        )

    def reboot(self, wall_s: float = 0.0) -> None:
        self.boots += 1
        self.boot_id, self.wall_s, self.uptime_s, self.synchronised = f"boot-{self.boots}", wall_s, 5.0, False


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


def test_a_clock_that_the_network_keeps_is_believed(file: Path) -> None:
    machine = Machine(synchronised=True)

    clock = UnitClock(file, machine.sources()).read()

    assert (clock.issued_at_s, clock.state, clock.bound_s) == (NOW_S, ClockState.SYNCED, 1)
    assert (clock.uptime_s, clock.boot_count, clock.boot_seed) == (100, 1, b"\x01" * 32)


@pytest.mark.parametrize("wall_s", [0.0, -1e9, 1.0, BUILD_TIME_S - 1.0])
def test_a_clock_in_1970_gives_the_floor_and_says_unsynced(file: Path, wall_s: float) -> None:
    clock = UnitClock(file, Machine(wall_s=wall_s, synchronised=True).sources()).read()

    assert (clock.issued_at_s, clock.state, clock.bound_s) == (BUILD_TIME_S, ClockState.UNSYNCED, 0)


@pytest.mark.parametrize("wall_s", [0.0, NOW_S - 5 * YEAR_S, NOW_S + 5 * YEAR_S, 2.0**62])
def test_no_wall_clock_makes_a_result_fall_outside_its_certificate(file: Path, wall_s: float) -> None:
    certificate = unit_certificate()
    unit_clock = UnitClock(file, Machine(wall_s=wall_s).sources())
    unit_clock.believe_between(NOW_S - YEAR_S, NOW_S + YEAR_S)

    statement = read_result(result_payload(result(clock=unit_clock.read())))

    assert statement.clock.state is ClockState.UNSYNCED
    assert check_result_certificate(certificate, [authority()], statement.clock.issued_at_s)


def test_the_floor_follows_what_the_centre_signed_and_survives_a_reboot_to_1970(file: Path) -> None:
    machine = Machine(wall_s=0.0)
    UnitClock(file, machine.sources()).raise_floor(NOW_S)
    machine.reboot()

    clock = UnitClock(file, machine.sources()).read()

    assert (clock.issued_at_s, clock.state) == (NOW_S, ClockState.UNSYNCED)


def test_the_floor_never_sinks(file: Path) -> None:
    clock = UnitClock(file, Machine(wall_s=0.0).sources())
    clock.raise_floor(NOW_S)

    clock.raise_floor(NOW_S - YEAR_S)
    clock.believe_between(NOW_S - YEAR_S, NOW_S + YEAR_S)

    assert clock.now_s() == NOW_S


def test_a_signed_time_beyond_the_certificate_cannot_poison_the_floor(file: Path) -> None:
    clock = UnitClock(file, Machine(wall_s=0.0).sources())
    clock.believe_between(NOW_S, NOW_S + YEAR_S)

    clock.raise_floor(NOW_S + 20 * YEAR_S)

    assert clock.now_s() == NOW_S


def test_another_program_sees_what_this_one_learned(file: Path) -> None:
    machine = Machine(wall_s=0.0)
    uplink, edge = UnitClock(file, machine.sources()), UnitClock(file, machine.sources())

    uplink.raise_floor(NOW_S)

    assert edge.read().issued_at_s == NOW_S
    assert edge.read().boot_seed == uplink.read().boot_seed
    assert edge.wall_is_wrong()


@pytest.mark.parametrize(
    ("wall_s", "synchronised", "wrong"),
    [
        (NOW_S, False, False),
        (0.0, False, True),
        (0.0, True, True),
        (NOW_S + 5 * YEAR_S, False, True),
        (NOW_S + 5 * YEAR_S, True, False),
    ],
)
def test_a_wall_clock_is_wrong_below_the_floor_and_when_nobody_set_it_beyond_the_certificate(
    file: Path, wall_s: float, synchronised: bool, wrong: bool
) -> None:
    clock = UnitClock(file, Machine(wall_s=wall_s, synchronised=synchronised).sources())
    clock.believe_between(NOW_S - YEAR_S, NOW_S + YEAR_S)

    assert clock.wall_is_wrong() is wrong


def test_each_boot_counts_once_however_many_programs_start(file: Path) -> None:
    machine = Machine()
    seen = []
    for _ in range(3):
        seen += [UnitClock(file, machine.sources()).read() for _ in range(2)]
        machine.reboot()

    assert [clock.boot_count for clock in seen] == [1, 1, 2, 2, 3, 3]
    assert len({clock.boot_seed for clock in seen}) == 3


def test_a_clock_once_synchronised_holds_over_and_ignores_jumps_of_the_wall(file: Path) -> None:
    machine = Machine(synchronised=True)
    unit_clock = UnitClock(file, machine.sources())
    unit_clock.read()

    machine.synchronised, machine.wall_s, machine.uptime_s = False, NOW_S + 5 * YEAR_S, 100.0 + 86_400
    later = unit_clock.read()

    assert (later.issued_at_s, later.state) == (NOW_S + 86_400, ClockState.HOLDOVER)
    assert later.bound_s == 10


def test_holdover_ends_with_the_boot(file: Path) -> None:
    machine = Machine(synchronised=True)
    UnitClock(file, machine.sources()).read()
    machine.reboot(wall_s=NOW_S + 60)

    clock = UnitClock(file, machine.sources()).read()

    assert (clock.issued_at_s, clock.state) == (NOW_S + 60, ClockState.UNSYNCED)


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 200, b"[]", b'{"floor_s": "x"}', b"\xff\xfe"])
def test_a_damaged_memory_neither_stops_the_clock_nor_stays(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    clock = UnitClock(file, Machine(wall_s=0.0).sources()).read()

    assert (clock.issued_at_s, clock.boot_count) == (BUILD_TIME_S, 1)
    assert read_memory(file.read_bytes()) is not None


def test_a_folder_that_cannot_be_written_costs_the_memory_not_the_result(tmp_path: Path) -> None:
    unit_clock = UnitClock(tmp_path / "no such folder" / "clock.json", Machine(wall_s=0.0).sources())

    unit_clock.raise_floor(NOW_S)

    assert (unit_clock.read().issued_at_s, unit_clock.read().boot_count) == (NOW_S, 1)


def test_the_memory_is_written_rarely(file: Path) -> None:
    machine = Machine(synchronised=True)
    unit_clock = UnitClock(file, machine.sources())
    unit_clock.read()
    written = file.stat().st_mtime_ns, file.stat().st_ino

    machine.wall_s, machine.uptime_s = NOW_S + 500, 600.0
    unit_clock.read()

    assert (file.stat().st_mtime_ns, file.stat().st_ino) == written
    assert file.stat().st_mode & 0o777 == 0o600


def test_memory_comes_back_as_it_was_written() -> None:
    memory = ClockMemory(NOW_S, NOW_S + YEAR_S, "boot-1", 7, SEED, Anchor(NOW_S, 33))

    assert read_memory(memory_bytes(memory)) == memory


SECONDS = st.integers(-(2**41), 2**41)


@given(floor=st.integers(0, NOW_S), wall=SECONDS, uptime=st.integers(0, 2**33), anchor=SECONDS, synchronised=st.booleans())
def test_whatever_the_clocks_say_the_answer_is_above_the_floor_and_fits_a_result(
    floor: int, wall: int, uptime: int, anchor: int, synchronised: bool
) -> None:
    memory = ClockMemory(floor, NOW_S + YEAR_S, "boot-1", 1, SEED, Anchor(anchor, 50))

    clock = judge(memory, wall, uptime, synchronised)

    assert floor <= clock.issued_at_s <= MAX_TIME_S
    assert read_result(result_payload(result(clock=clock))).clock == clock


def test_this_machine_has_the_facts(file: Path) -> None:
    clock = UnitClock(file, machine_sources()).read()

    assert clock.issued_at_s >= BUILD_TIME_S
    assert clock.uptime_s > 0


def test_a_time_daemon_says_by_a_file_that_it_has_set_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = tmp_path / "synchronized"
    monkeypatch.setattr("edge.clock.SYNCHRONISED_FLAGS", (tmp_path / "other", flag))
    assert not network_has_set_the_clock()

    flag.touch()

    assert network_has_set_the_clock()
