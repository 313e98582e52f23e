"""The doctor names every defect by its code, one for each (R5, R8), and changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge.cli import main
from edge.clock import TimeSources, UnitClock
from edge.health.diagnosis import Finding, of_clock, of_error, of_identity, of_lamps, of_parts, of_speed, of_storage, of_supply
from edge.health.emitter_memory import LampMemory
from edge.health.examine import of_heat
from edge.health.gather import identity_end_s
from edge.health.storage import StorageLimits
from edge.heat import HeatLimits
from edge.state_dir import StateDir
from firmware.board import Board
from firmware.clock import SystemClock
from firmware.errors import (
    CameraBusyError,
    CameraDeniedError,
    CameraNotFoundError,
    FirmwareError,
    LightInvalidError,
    PartSilentError,
    PinChipError,
    PinLostError,
    ScreenFaultError,
    SpeakerFaultError,
)
from firmware.frame import Emitter, Light
from firmware.health import HealthLimits
from firmware.ports import LedPattern, Slowdown, View
from firmware.strobe import Strobe
from firmware.twin.parts import Recorder
from firmware.twin.scene import LampFaults, SceneLamp
from firmware.usb.camera import UsbCamera, UsbLimits, open_usb_camera
from tests.builders import NOW_S
from tests.edge.health.test_trial import frames, live
from tests.edge.test_heat import told
from tests.fakes.parts import DeadLight, ScriptedCamera, twin_board
from tests.firmware.builders import noisy, plain
from tests.firmware.fakes import FakeCapture
from tests.firmware.scenes import Booth
from wire.reasons import Reason

IMPATIENT = UsbLimits(closing_s=0.1, health=HealthLimits(first_within_s=0.3, stalled_after_s=0.3))


def usb(capture: FakeCapture) -> UsbCamera:
    return UsbCamera("usb:0", capture, SystemClock(), IMPATIENT)


def bad(board: Board, *, lamps_are_seen: bool = False) -> list[tuple[str, Reason | None]]:
    """Part and code of everything that the doctor finds wrong with an open board."""
    with board:
        return [(one.part, one.code) for one in of_parts(board, lamps_are_seen=lamps_are_seen) if not one.ok]


def sound_board() -> Board:
    return live(1280, 720)(twin_board(ScriptedCamera(lambda: iter(()))))


def test_a_sound_unit_has_no_defect_and_passes_the_profile() -> None:
    with sound_board() as board:
        findings = list(of_parts(board, lamps_are_seen=False))

    assert all(one.ok and one.code is None for one in findings)
    assert findings[-1] == Finding("profile", True, "1280 x 720 pixels, 30.0 frames a second: enough for service.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CameraNotFoundError("usb:0", "there is no /dev/video0"), Reason.CAMERA_LOST),
        (CameraDeniedError("usb:0", "/dev/video0"), Reason.CAMERA_DENIED),
        (CameraBusyError("usb:0", "/dev/video0"), Reason.CAMERA_BUSY),
    ],
)
def test_a_camera_that_does_not_open_has_the_code_of_its_cause(error: FirmwareError, code: Reason) -> None:
    assert of_error("camera", error) == Finding("camera", False, str(error), code)


def test_a_node_that_is_missing_is_told_by_the_command(tmp_path: Path) -> None:
    with pytest.raises(CameraNotFoundError) as missing:
        open_usb_camera(7, SystemClock(), devices=tmp_path)

    found = doctor(tmp_path, "usb:997")["camera"]
    assert (found["ok"], found["code"]) == (False, of_error("camera", missing.value).code)


def test_a_camera_that_gives_no_frames_is_lost() -> None:
    assert bad(replace(sound_board(), camera=usb(FakeCapture(islice(noisy(), 0))))) == [("camera", Reason.CAMERA_LOST)]


def test_a_recording_without_frames_is_lost() -> None:
    assert bad(twin_board(ScriptedCamera(lambda: iter(())))) == [("camera", Reason.CAMERA_LOST)]


def test_a_camera_that_repeats_one_picture_is_faulty_and_the_sentence_says_so() -> None:
    with replace(sound_board(), camera=usb(FakeCapture(repeat(plain(90, 1280, 720))))) as board:
        (found,) = [one for one in of_parts(board, lamps_are_seen=False) if not one.ok]

    assert (found.part, found.code) == ("camera", Reason.CAMERA_FAULT)
    assert "pictures are the same" in found.sentence


def test_a_camera_of_an_unknown_pixel_format_is_faulty() -> None:
    with pytest.raises(FirmwareError) as refused:
        usb(FakeCapture(noisy(), frozenset()))

    assert of_error("camera", refused.value).code is Reason.CAMERA_FAULT


@pytest.mark.parametrize(
    ("width", "apart_ms", "words"), [(640, 33.3, "640 x 480 pixels; 1280"), (1280, 125.0, "8.0 frames a second; 10")]
)
def test_a_camera_that_is_too_small_or_too_slow_is_not_supported(width: int, apart_ms: float, words: str) -> None:
    with live(width, 480, apart_ms)(sound_board()) as board:
        (found,) = [one for one in of_parts(board, lamps_are_seen=False) if not one.ok]

    assert (found.part, found.code) == ("camera", Reason.HW_UNSUPPORTED)
    assert words in found.sentence


class Silent:
    """A LED, a screen, a speaker and a button that are not there."""

    def __init__(self, part: str) -> None:
        self._error = PartSilentError(part, "there is none")

    def show(self, _: LedPattern | View) -> None:
        raise self._error

    def progress(self, done: float) -> None:
        raise self._error

    def say(self, text: str, language: str) -> None:
        raise self._error

    def presses(self) -> tuple[int, ...]:
        raise self._error


@pytest.mark.parametrize("part", ["led", "screen", "speaker", "button"])
def test_a_part_that_is_missing_is_named_and_the_unit_not_supported(part: str) -> None:
    changes: dict[str, Any] = {part: Silent(part)}
    board = replace(sound_board(), **changes)

    found = {one.part: one.code for one in of_parts(board, lamps_are_seen=False) if not one.ok}

    assert found == {part: Reason.HW_UNSUPPORTED}


def test_lamps_whose_lines_are_missing_are_a_fault_of_the_light() -> None:
    board = replace(sound_board(), illuminator=DeadLight())

    found = {one.part: one.code for one in of_parts(board, lamps_are_seen=False) if not one.ok}

    assert found == {"illuminator": Reason.LIGHT_FAULT}


@pytest.mark.parametrize(
    ("part", "error", "code"),
    [
        ("illuminator", PinChipError("gpiochip0", "there is none"), Reason.LIGHT_FAULT),
        ("led", PinLostError("gpiochip0", "line 23", "another program holds it"), Reason.HW_UNSUPPORTED),
        ("button", PinChipError("gpiochip0", "there is none"), Reason.HW_UNSUPPORTED),
        ("speaker", SpeakerFaultError("default", "there is no such card"), Reason.HW_UNSUPPORTED),
        ("screen", ScreenFaultError("ssd1306", "it does not answer"), Reason.HW_UNSUPPORTED),
    ],
)
def test_a_part_that_is_fitted_and_cannot_be_had_is_named_with_its_cause(part: str, error: FirmwareError, code: Reason) -> None:
    with replace(sound_board(), faults=lambda: {part: error}) as board:
        (found,) = [one for one in of_parts(board, lamps_are_seen=False) if not one.ok]

    assert found == Finding(part, False, str(error), code)


def scene_board(faults: LampFaults) -> Board:
    booth = Booth(faults=faults)
    recorder = Recorder(SystemClock())
    board = twin_board(booth.camera, recorder)
    return replace(board, illuminator=SceneLamp(booth.lamps, recorder), strobe=Strobe("LR", 30.0, 6))


@pytest.mark.parametrize(
    ("dead", "found"),
    [
        (frozenset(), []),
        (frozenset({Emitter.LEFT}), [("lamp L", Reason.LIGHT_FAULT)]),
        (frozenset({Emitter.LEFT, Emitter.RIGHT}), [("lamp L", Reason.LIGHT_FAULT), ("lamp R", Reason.LIGHT_FAULT)]),
    ],
)
def test_a_lamp_that_nothing_answers_is_named(dead: frozenset[Emitter], found: list[tuple[str, Reason]]) -> None:
    board = scene_board(LampFaults(dead=dead))

    assert bad(board, lamps_are_seen=True) == found
    assert isinstance(board.illuminator, SceneLamp)
    assert board.illuminator.light == Light.parse("0")


def test_lamps_whose_light_no_frame_tells_are_named() -> None:
    board = replace(scene_board(LampFaults()), camera=ScriptedCamera(lambda: frames(320, 240)))

    assert bad(board, lamps_are_seen=True) == [("lamp L", Reason.LIGHT_FAULT), ("lamp R", Reason.LIGHT_FAULT)]


def test_a_light_that_is_no_light_is_told_as_one() -> None:
    assert of_error("illuminator", LightInvalidError("L", "dead")).code is Reason.LIGHT_FAULT


def test_a_computer_that_is_too_slow_is_not_supported() -> None:
    (slow,) = of_speed({"yunet_n": 900.0}, ())
    (quick,) = of_speed({"yunet_n": 9.0}, ())
    (unknown,) = of_speed(None, ())

    assert (slow.part, slow.ok, slow.code) == ("speed", False, Reason.HW_UNSUPPORTED)
    assert (quick.ok, unknown.ok) == (True, True)
    assert "models benchmark" in unknown.sentence


def test_a_weak_supply_and_a_hot_board_are_named() -> None:
    weak = of_supply(frozenset({Slowdown.WEAK_SUPPLY}))
    hot = of_heat(told(86.0), HeatLimits())

    assert (weak.ok, weak.code) == (False, Reason.HW_UNSUPPORTED)
    assert (hot.ok, hot.code) == (False, Reason.TOO_HOT)
    assert of_supply(frozenset({Slowdown.CAPPED})).ok


def clock_in(folder: Path, *, wall_s: float, synchronised: bool) -> UnitClock:
    sources = TimeSources(lambda: wall_s, lambda: 50.0, lambda: synchronised, "boot-1", lambda count: bytes(count))
    return UnitClock(folder / "clock.json", sources, build_time_s=NOW_S - 10)


def test_a_clock_that_nobody_set_is_named(tmp_path: Path) -> None:
    unset = of_clock(clock_in(tmp_path, wall_s=0.0, synchronised=False))
    right = of_clock(clock_in(tmp_path, wall_s=NOW_S, synchronised=True))

    assert (unset.ok, unset.code) == (False, Reason.CLOCK_UNTRUSTED)
    assert (right.ok, right.code) == (True, None)


def test_a_unit_that_is_not_enrolled_is_named(tmp_path: Path) -> None:
    found = of_identity(tmp_path, clock_in(tmp_path, wall_s=NOW_S, synchronised=True))

    assert (found.ok, found.code) == (False, Reason.KEY_UNAVAILABLE)
    assert "not enrolled" in found.sentence


def test_a_certificate_is_fit_ends_soon_or_has_expired_by_the_units_clock(enrolled: StateDir) -> None:
    ends_s = identity_end_s(enrolled.root)
    assert ends_s is not None

    def told_at(wall_s: int, *, synchronised: bool = True) -> Finding:
        (enrolled.root / "clock.json").unlink(missing_ok=True)
        return of_identity(enrolled.root, clock_in(enrolled.root, wall_s=wall_s, synchronised=synchronised))

    fit, soon, gone = told_at(ends_s - 20 * 86_400), told_at(ends_s - 86_400), told_at(ends_s)
    assert (fit.ok, fit.code) == (True, None)
    assert (soon.ok, soon.code) == (True, Reason.KEY_UNAVAILABLE)
    assert (gone.ok, gone.code) == (False, Reason.KEY_UNAVAILABLE)
    assert "expired on" in gone.sentence
    assert told_at(ends_s, synchronised=False).ok


def test_a_disk_that_is_too_full_is_named(tmp_path: Path) -> None:
    full = of_storage(tmp_path, StorageLimits(reserve_mib=2**40))
    roomy = of_storage(tmp_path / "not" / "made" / "yet", StorageLimits(100, 101, 0.001))

    assert (full.ok, full.code) == (False, Reason.STORAGE_LOW)
    assert (roomy.ok, roomy.code) == (True, None)


def test_what_visits_told_of_the_lamps_is_named(tmp_path: Path) -> None:
    assert of_lamps(tmp_path).ok
    for _ in range(8):
        LampMemory(StateDir(tmp_path).lamps).keep({"L": 0.0, "R": 0.04})

    found = of_lamps(tmp_path)

    assert (found.ok, found.code) == (False, Reason.LIGHT_FAULT)
    assert "lamps L " in found.sentence


def doctor(folder: Path, camera: str) -> dict[str, Any]:
    """The findings of the command, by part."""
    (config := folder / "unit.toml").write_text(f'[unit]\nstate = "{folder}"\nmatcher = "no_such_matcher"\n', encoding="utf-8")
    result = CliRunner().invoke(main, ["doctor", "--config", str(config), "--camera", camera, "--json"])
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["ok"] is False
    return {finding["part"]: finding for finding in document["findings"]}


def test_a_matcher_that_is_missing_is_named_by_the_command(tmp_path: Path) -> None:
    found = doctor(tmp_path, "clip:nowhere.mp4")

    assert (found["models"]["ok"], found["models"]["code"]) == (False, "MATCHER_UNAVAILABLE")
    assert found["camera"]["code"] == "CAMERA_LOST"
    assert found["identity"]["code"] == "KEY_UNAVAILABLE"
    assert found["lens"]["code"] is None


def test_lamps_are_told_and_begun_anew_by_their_command(tmp_path: Path) -> None:
    (config := tmp_path / "unit.toml").write_text(f'[unit]\nstate = "{tmp_path}"\n', encoding="utf-8")
    for _ in range(8):
        LampMemory(StateDir(tmp_path).lamps).keep({"L": 0.0, "R": 0.04})

    before = CliRunner().invoke(main, ["lamps", "--config", str(config), "--json"])
    after = CliRunner().invoke(main, ["lamps", "--renewed", "--config", str(config)])

    assert (before.exit_code, json.loads(before.stdout)["code"]) == (1, "LIGHT_FAULT")
    assert (after.exit_code, "nothing against" in after.stdout) == (0, True)
