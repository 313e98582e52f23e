"""`firmware-selftest` prints one line per part, and ends with what a script can act on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.commands.selftest import main
from tests.firmware.builders import write_grey_clip

PARTS = ["camera", "illuminator", "led", "screen", "speaker", "button", "buzzer", "tamper", "clock"]


@pytest.fixture(autouse=True)
def _the_log_of_the_tests_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program sends the log of its whole process to stderr; this process goes on with other tests."""
    monkeypatch.setattr("edge.commands.selftest.log_to_stderr", lambda level: None)


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return f"clip:{write_grey_clip(tmp_path / 'a.avi', [50] * 5)}"


def selftest(tmp_path: Path, settings: str, *words: str) -> Result:
    (config := tmp_path / "unit.toml").write_text(settings, encoding="utf-8")
    return CliRunner().invoke(main, ["--config", str(config), *words])


def test_a_twin_is_well_and_each_part_has_one_line(tmp_path: Path, clip: str) -> None:
    done = selftest(tmp_path, "", "--camera", clip)

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", part] for part in PARTS]
    assert "frames of 64 x 48 pixels" in lines[0]


def test_without_a_camera_the_other_parts_are_tried_all_the_same(tmp_path: Path) -> None:
    done = selftest(tmp_path, '[unit]\nboard = "usb"', "--camera", "usb:99")

    assert done.exit_code == 1
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["BAD", "camera"], *(["ok", part] for part in PARTS[1:])]


BROKEN = """
[unit]
board = "usb"
[pins]
chip = "gpiochip250"
left = "17"
button = "5"
[light]
left_mw_sr = 400
[screen]
kind = "ssd1306"
bus = "i2c-9/0x3c"
[sound]
device = "plughw:9,0"
folder = "/nowhere"
"""


def test_every_part_that_cannot_be_had_is_named_with_what_to_do(tmp_path: Path, clip: str) -> None:
    done = selftest(tmp_path, BROKEN, "--camera", clip, "--json")

    assert done.exit_code == 1
    document = json.loads(done.stdout)
    wrong = {finding["part"]: finding["sentence"] for finding in document["findings"] if not finding["ok"]}
    assert document["ok"] is False
    assert [finding["part"] for finding in document["findings"]] == PARTS
    assert set(wrong) == {"illuminator", "button", "screen", "speaker"}
    assert "gpiodetect" in wrong["illuminator"]
    assert "gpiodetect" in wrong["button"]
    assert "is the bus switched on" in wrong["screen"]
    assert "lifecert prompts render" in wrong["speaker"]


def test_settings_that_cannot_be_read_are_a_fault(tmp_path: Path) -> None:
    done = selftest(tmp_path, '[pins]\nleft = "the first one"', "--json")

    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "ConfigInvalid"


def test_to_make_everything_dark_touches_nothing_but_the_lamps(tmp_path: Path) -> None:
    """Here there are none that could shine, and it says that it could not make sure."""
    done = selftest(tmp_path, BROKEN, "--dark")

    assert done.exit_code == 1
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["BAD", "illuminator"]]


def test_without_lamps_everything_is_dark(tmp_path: Path) -> None:
    done = selftest(tmp_path, "", "--dark")

    assert done.exit_code == 0
    assert done.stdout == "ok  illuminator  All lamps are off.\n"
