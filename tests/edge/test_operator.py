"""What an operator orders is done between visits and told; what breaks meanwhile is a finding (R5, R8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.checks import Checks
from edge.clock import UnitClock, machine_sources
from edge.config import Settings, UnitSettings
from edge.engine import Engine
from edge.errors import StoreUnusableError
from edge.front import Facade, Front
from edge.health.diagnosis import Finding
from edge.health.examine import Patient, examine
from edge.operator import Operator, spelled
from edge.prompts.catalogue import load_catalogue
from edge.pulse import Part as Expected
from edge.pulse import Pulse
from edge.reception import Reception
from edge.showing.facts import is_finding, passed_on
from edge.showing.orders import Order
from edge.tries import TriesMemory
from edge.volume import Volume, VolumeMemory
from firmware.board import Board
from firmware.clock import SystemClock
from firmware.errors import CameraBusyError, CameraStalledError
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.twin.parts import Part, Recorder, RecordingLed, RecordingScreen, RecordingTouches
from models.errors import ModelError
from tests.edge.evaluate.test_survey import room, with_window
from tests.fakes.parts import DeadLight, ScriptedCamera, twin_board
from tests.fakes.stage import Face, Scene, Stage
from wire.reasons import Reason

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def empty(count: int = 30, wall: int = 140) -> Iterator[Frame]:
    """A plain wall, for a second."""
    for number in range(count):
        yield frame_from_bgr(room(wall), number, 33_000_000 * number, UNKNOWN_LIGHT)


class Bench:
    """A unit between visits; a test says what its board is like."""

    def __init__(self, folder: Path, camera: ScriptedCamera | None = None, engine: Engine | None = None) -> None:
        self.recorder, self.heard, self.times_told = Recorder(SystemClock()), list[str](), 0
        self.screen, self.touches = RecordingScreen(self.recorder), RecordingTouches(self.recorder)
        facade = Facade(RecordingLed(self.recorder), self.screen, self.touches, lambda board: board, lambda _: None)
        self.front = Front(facade, Reception(TriesMemory(folder / "tries.json")), load_catalogue("en"), lambda: 100.0)
        self.beats = 0.0
        self.pulse = Pulse(self.heard.append, self._tick)
        self.board = replace(twin_board(camera or ScriptedCamera(empty), self.recorder), outlived=True)
        self.error: Exception | None = None
        settings = Settings(unit=UnitSettings(state=folder))
        clock = UnitClock(folder / "clock.json", machine_sources())
        self.patient = Patient(settings, "scripted", self._opened, clock, ())
        engine = engine or Stage(lambda _: Scene(faces=())).engine()
        self.checks = Checks(self.patient, engine, self.pulse, lambda: NOON)
        self.findings: dict[str, str] = {}
        volume = Volume(None, VolumeMemory(folder / "volume"))
        self.operator = Operator(self.front, self.pulse, self.checks.by_order, volume, self.findings, self._tell)

    def _tick(self) -> float:
        self.beats += 1.0
        return self.beats

    def _tell(self) -> None:
        self.times_told += 1

    def _opened(self) -> Board:
        if self.error:
            raise self.error
        return self.board

    def order(self, order: str) -> dict[str, str]:
        """Touch it, and let the main loop turn once; all that was found."""
        self.touches.touch(order)
        self.front.look()
        self.operator.turn()
        return self.findings


def test_the_doctor_finds_what_the_command_finds_without_a_second_engine(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    as_command = [one for one in examine(bench.patient, lambda: Finding("models", True, "")) if one.part != "models"]

    found = bench.order("DOCTOR")

    bad = {name.removeprefix("doctor.") for name, told in found.items() if told.startswith("BAD")}
    assert found["doctor.models"].startswith("ok ")
    assert bad == {one.part.replace(" ", "_") for one in as_command if not one.ok}
    assert bad >= {"identity"}
    assert {name.removeprefix("doctor.") for name in found} == {"models", *(one.part.replace(" ", "_") for one in as_command)}
    assert found["doctor.identity"].startswith("BAD KEY_UNAVAILABLE ")
    assert all(is_finding(name) and passed_on(name, told) in ("ok", "BAD") for name, told in found.items())


def test_meanwhile_the_unit_says_that_it_is_busy_and_afterwards_that_it_is_ready(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    bench.order("SURVEY")

    assert bench.recorder.of(Part.SCREEN) == ("READY", "BUSY", "READY")
    assert bench.recorder.of(Part.LED) == ("IDLE", "WAIT", "IDLE")
    assert bench.times_told == 1


@pytest.mark.parametrize("order", ["DOCTOR", "SURVEY", "CALIBRATE"])
def test_the_sign_of_life_goes_on_while_an_order_is_done_and_expects_nothing_afterwards(tmp_path: Path, order: str) -> None:
    bench = Bench(tmp_path)

    bench.order(order)

    assert f"STATUS=busy: {order.lower()}" in bench.heard
    assert bench.heard.count("WATCHDOG=1") >= 3
    bench.beats += 1000.0
    assert Expected.FRAMES not in bench.pulse.ledger.stale()


def test_each_finding_gives_the_sign_of_life_also_where_no_frame_does(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.operator.checks = {Order.DOCTOR: lambda: (Finding(f"part {each}", True, "") for each in "abcdefghij")}
    before = bench.heard.count("WATCHDOG=1")

    bench.order("DOCTOR")

    assert bench.heard.count("WATCHDOG=1") - before >= 10


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CameraBusyError("usb:0", "/dev/video0"), "CAMERA_BUSY"),
        (ModelError("a network stopped"), "LIVENESS_UNAVAILABLE"),
        (StoreUnusableError("its disk is read-only"), "STORE_FULL"),
        (OSError(5, "Input/output error"), "LIVENESS_UNAVAILABLE"),
    ],
)
@pytest.mark.parametrize("order", ["SURVEY", "CALIBRATE"])
def test_a_check_that_fails_is_a_finding_with_its_code(tmp_path: Path, order: str, error: Exception, code: str) -> None:
    bench = Bench(tmp_path)
    bench.error = error

    found = bench.order(order)

    assert found == {f"{order.lower()}.failed": f"BAD {code} {error}"}
    assert bench.recorder.of(Part.SCREEN)[-1] == "READY"


def test_a_camera_that_is_gone_and_lamps_that_are_dead_are_findings_of_the_doctor(tmp_path: Path) -> None:
    gone, dark = Bench(tmp_path), Bench(tmp_path)
    gone.error = CameraBusyError("usb:0", "/dev/video0")
    dark.board = replace(dark.board, illuminator=DeadLight())

    assert gone.order("DOCTOR")["doctor.camera"].startswith("BAD CAMERA_BUSY ")
    told = dark.order("DOCTOR")
    assert told["doctor.illuminator"].startswith("BAD LIGHT_FAULT ")
    assert told["doctor.led"].startswith("ok ")


def test_a_camera_that_falls_silent_in_a_survey_is_a_finding(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ScriptedCamera(lambda: empty(3), CameraStalledError("usb:0", "no frame")))

    assert bench.order("SURVEY")["survey.failed"].startswith("BAD CAMERA_LOST ")


def test_a_survey_scores_the_place_and_says_in_both_languages_what_helps(tmp_path: Path) -> None:
    window = ScriptedCamera(lambda: iter([frame_from_bgr(with_window(), at, at, UNKNOWN_LIGHT) for at in range(20)]))

    good, bad = Bench(tmp_path).order("SURVEY"), Bench(tmp_path, window).order("SURVEY")

    assert {name: told.split()[0] for name, told in good.items()} == {
        f"survey.{trait}": "ok" for trait in ("dark", "bright", "backlit", "side_lit", "busy", "shiny")
    }
    assert bad["survey.backlit"].startswith("BAD BACKLIT ")
    assert ("put the unit's back to the window" in bad["survey.backlit"], "背靠窗户" in bad["survey.backlit"]) == (True, True)


def test_calibration_says_what_to_write_into_the_settings_and_writes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ScriptedCamera(lambda: empty(40)), Stage(lambda _: Scene(faces=(Face(),))).engine())
    before = set(tmp_path.iterdir())

    found = bench.order("CALIBRATE")

    assert found["calibrate.focal_widths"].startswith("ok ")
    assert "[grade] focal_widths = " in found["calibrate.focal_widths"]
    assert set(tmp_path.iterdir()) == before


def test_calibration_without_a_person_says_so(tmp_path: Path) -> None:
    found = Bench(tmp_path).order("CALIBRATE")

    assert found["calibrate.failed"].startswith("BAD NO_FACE ")
    assert "sit alone and upright" in found["calibrate.failed"]


def test_a_unit_whose_speaker_has_no_volume_says_so_and_is_not_busy(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    found = bench.order("VOLUME:70")

    assert found["volume.speaker"].startswith("BAD HW_UNSUPPORTED ")
    assert bench.recorder.of(Part.SCREEN) == ("READY",)
    assert bench.times_told == 1


def test_a_new_order_replaces_what_the_one_before_found_and_leaves_others(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.findings.update({"survey.failed": "BAD", "doctor.camera": "ok"})

    found = bench.order("SURVEY")

    assert ("survey.failed" in found, found["doctor.camera"]) == (False, "ok")


def test_orders_are_done_one_in_a_turn_and_none_without_an_order(tmp_path: Path) -> None:
    done: list[str] = []

    def noting(kind: str) -> Callable[[], Iterator[Finding]]:
        def check() -> Iterator[Finding]:
            done.append(kind)
            yield Finding("part", True, "")

        return check

    bench = Bench(tmp_path)
    bench.operator.checks = {order: noting(order.value) for order in Order}
    bench.operator.turn()
    bench.touches.touch("SURVEY")

    bench.order("DOCTOR")
    first = list(done)
    bench.operator.turn()

    assert (first, done) == (["SURVEY"], ["SURVEY", "DOCTOR"])


def test_of_two_findings_about_one_part_the_bad_one_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    good, bad = Finding("camera", True, "Well."), Finding("camera", False, "ill", Reason.CAMERA_LOST)
    bench.operator.checks = {
        Order.DOCTOR: lambda: iter((good, bad, good)),
        Order.SURVEY: lambda: iter((bad, good)),
        Order.CALIBRATE: lambda: iter((good, good)),
    }

    told = [bench.order(order)[f"{order.lower()}.camera"] for order in Order]

    assert told == [spelled(bad), spelled(bad), "ok Well. Well."]
