"""What `lifecert doctor` finds, one sentence for each part, each defect with its code (R5, R8). Nothing here changes the unit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.clock import UnitClock
from edge.errors import EdgeError
from edge.health.capability import Lack, lacks_of_camera, lacks_of_computer, measure_camera
from edge.health.emitter_memory import LampMemory
from edge.health.faults import TABLE, fault_of_error
from edge.health.gather import identity_end_s
from edge.health.health import ENDING_S
from edge.health.storage import MIB, RESUMES_BELOW, Storage, StorageLimits, is_full, is_low
from edge.identity import load_identity
from edge.lens_memory import LensMemory
from edge.stages.lens_watch import VISITS
from edge.state_dir import StateDir
from firmware.board import Board
from firmware.errors import FirmwareError
from firmware.lamp_trial import try_lamps
from firmware.ports import Slowdown
from firmware.rtc import ClockChip
from firmware.selftest import Finding as Tried
from firmware.selftest import try_parts
from wire.reasons import Reason
from wire.result import ClockState

_OF_PART: Mapping[str, Reason] = {"illuminator": Reason.LIGHT_FAULT}
"""The code of a part that failed; of the camera its error says it, of any other it is `HW_UNSUPPORTED`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one part of the unit."""

    part: str
    ok: bool
    sentence: str
    code: Reason | None = None
    """The word that screens, logs and the centre use for it; None where nothing is wrong."""


def of_error(part: str, error: FirmwareError) -> Finding:
    """A part that failed."""
    if part != "camera":
        return Finding(part, False, str(error), _OF_PART.get(part, Reason.HW_UNSUPPORTED))
    return Finding(part, False, str(error), TABLE[fault_of_error(error)].reason)


def of_parts(board: Board, *, lamps_are_seen: bool) -> Iterator[Finding]:
    """Every part of an open board; a live camera is also held to the capability profile, and lamps that it sees are lit."""
    tried = try_parts(board)
    yield from (_of_trial(each) for each in tried)
    if not all(each.ok for each in tried if each.part == "camera"):
        return
    try:
        if board.live:
            yield from _of_profile(board)
        if lamps_are_seen:
            for each in try_lamps(board):
                yield Finding(each.part, each.ok, each.sentence, None if each.ok else Reason.LIGHT_FAULT)
    except FirmwareError as error:
        yield of_error("camera", error)


def _of_trial(tried: Tried) -> Finding:
    return of_error(tried.part, tried.error) if tried.error else Finding(tried.part, tried.ok, tried.sentence)


def _of_profile(board: Board) -> Iterator[Finding]:
    measured = measure_camera(board.camera.frames())
    if measured is None:
        yield Finding("camera", False, f"{board.camera.name}: it gave fewer than two frames", Reason.CAMERA_LOST)
        return
    lacks = list(lacks_of_camera(measured))
    yield from (_of_lack(lack) for lack in lacks)
    if not lacks:
        size = f"{measured.width_px} x {measured.height_px} pixels"
        yield Finding("profile", True, f"{size}, {measured.frames_per_s:.1f} frames a second: enough for service.")


def _of_lack(lack: Lack) -> Finding:
    return Finding(lack.part, False, f"{lack.sentence}.", lack.reason)


def of_speed(cpu_ms: Mapping[str, float] | None, matcher_parts: tuple[str, ...]) -> Iterator[Finding]:
    """Whether the computer keeps up, by what the benchmark of this board measured; None where it never ran."""
    if cpu_ms is None:
        yield Finding("speed", True, "Not measured on this board; lifecert models benchmark tells.")
        return
    lacks = list(lacks_of_computer(cpu_ms, matcher_parts))
    yield from (_of_lack(lack) for lack in lacks)
    if not lacks:
        yield Finding("speed", True, "This computer keeps up with the frames, as the benchmark measured.")


def of_supply(slowdowns: frozenset[Slowdown]) -> Finding:
    """A supply that gives too low a voltage makes a board slow, and cards lose what is written."""
    if Slowdown.WEAK_SUPPLY in slowdowns:
        return Finding("supply", False, "the voltage is too low: use the supply that the maker names.", Reason.HW_UNSUPPORTED)
    return Finding("supply", True, "Nothing speaks against the supply.")


def of_lens(state: Path) -> Finding:
    """Whether a place in the picture stays blurred."""
    smudge = LensMemory(StateDir(state).lens).smudge
    if smudge is None:
        return Finding("lens", True, "No place in the picture has stayed blurred over the last visits.")
    across = ("left", "middle", "right")[int(3 * smudge.x_share)]
    down = ("upper", "middle", "lower")[int(3 * smudge.y_share)]
    sentence = f"the {down} {across} of the picture has not been sharp for {VISITS} visits: wipe the lens with a soft cloth."
    return Finding("lens", False, f"{Reason.LENS_DIRTY.value}: {sentence}", Reason.LENS_DIRTY)


def of_lamps(state: Path) -> Finding:
    """What ordinary visits told of the lamps (F62)."""
    found = LampMemory(StateDir(state).lamps).findings
    if found.silent:
        sentence = f"the last visits did not see the lamps {found.silent} shine: check their wires, or replace them."
        return Finding("lamp memory", False, sentence, Reason.LIGHT_FAULT)
    if found.fading:
        sentence = f"the lamps {found.fading} give less than they used to: replace them, then lifecert lamps --renewed."
        return Finding("lamp memory", False, sentence, Reason.LIGHT_FAULT)
    return Finding("lamp memory", True, "The last visits tell nothing against the lamps.")


def of_storage(state: Path, limits: StorageLimits) -> Finding:
    """Room and permission to keep results; it only looks."""
    place = next(folder for folder in (state, *state.parents) if folder.exists())
    disk = os.statvfs(place)
    if disk.f_flag & os.ST_RDONLY or not os.access(place, os.W_OK):
        return Finding("storage", False, f"{place} cannot be written to: results could not be kept.", Reason.STORE_FULL)
    storage = Storage(disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize)
    free = f"{storage.free_bytes // MIB} MiB are free in {place} ({storage.used_percent:.0f} % are used)"
    if is_full(storage, limits, was_full=False):
        needed = f"{limits.reserve_mib:g} MiB, and less than {limits.refuse_percent - RESUMES_BELOW:g} % in use"
        return Finding("storage", False, f"only {free}; {needed}, are needed.", Reason.STORAGE_LOW)
    if is_low(storage, limits):
        return Finding("storage", True, f"{free}; it is filling up.", Reason.STORAGE_LOW)
    return Finding("storage", True, f"{free}.")


def of_identity(state: Path, clock: UnitClock) -> Finding:
    """Whether the centre believes what this unit signs."""
    try:
        identity = load_identity(state)
    except EdgeError as error:
        return Finding("identity", False, str(error), Reason.KEY_UNAVAILABLE)
    now, ends_at_s = clock.read(), identity_end_s(state)
    if ends_at_s is None:
        return Finding("identity", False, "its certificates cannot be read: enrol it anew.", Reason.KEY_UNAVAILABLE)
    day = datetime.fromtimestamp(ends_at_s, UTC).date().isoformat()
    if ends_at_s <= now.issued_at_s and now.state is not ClockState.UNSYNCED:
        return Finding("identity", False, f"its certificate expired on {day}: enrol it anew.", Reason.KEY_UNAVAILABLE)
    if ends_at_s - now.issued_at_s < ENDING_S:
        return Finding("identity", True, f"enrolled as {identity.unit}, until {day}: enrol it anew soon.", Reason.KEY_UNAVAILABLE)
    return Finding("identity", True, f"enrolled as {identity.unit}, until {day}.")


def of_clock(clock: UnitClock) -> Finding:
    """How far the clock can be believed."""
    now = clock.read()
    if now.state is ClockState.UNSYNCED:
        sentence = "the clock is not set: results are marked as unsynced until the unit reaches the centre."
        return Finding("clock", False, sentence, Reason.CLOCK_UNTRUSTED)
    return Finding("clock", True, f"{now.state.value}, within {now.bound_s} s.")


def of_rtc(chips: Sequence[ClockChip], system_s: int) -> Finding:
    """The clock that runs without power. A unit without one, or with a flat battery in it, is fit for service and says so."""
    if not chips:
        return Finding("rtc", True, f"There is no clock that runs without power; {_UNSYNCED_AT_START}.")
    chip = chips[0]
    ahead_s = chip.ahead_s(system_s)
    if ahead_s is None or not chip.has_kept_time:
        return Finding("rtc", True, f"{chip.name} has not kept the time (is its battery in and charged?); {_UNSYNCED_AT_START}.")
    battery = "" if chip.battery_microvolts is None else f", battery {chip.battery_microvolts / 1e6:.1f} V"
    flat = " (flat or missing)" if chip.battery_flat else ""
    charging = ", which is not charged" if chip.charging_microvolts == 0 else ""
    apart = f"is {abs(ahead_s)} s {'ahead of' if ahead_s > 0 else 'behind'}" if abs(ahead_s) > 1 else "agrees with"
    return Finding("rtc", True, f"{chip.name} {apart} the system{battery}{flat}{charging}.")


_UNSYNCED_AT_START = "after each start, results are marked as unsynced until the unit reaches the centre"
