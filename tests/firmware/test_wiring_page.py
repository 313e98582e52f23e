"""The page about wiring tells what the program does: its settings can be read, and its numbers are reckoned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.config import Settings, read_settings
from firmware.dose import DoseLimiter, LightLimits, exposure_limit_w_m2
from firmware.pins import PinFunction, wires_of
from tests.emulated_pi.wires import WIRES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations" / "wiring.md").read_text(encoding="utf-8")


def test_the_settings_on_the_page_are_read_and_name_lines_of_the_table() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    settings = read_settings("wiring.md", example)

    assert settings != Settings()
    table = dict(re.findall(r"^\| [^|]*\| `(\w+)` \| `([\w/]+)`", PAGE, re.MULTILINE))
    named = {wire.function.value for wire in wires_of(settings.pins)}
    assert len(named) == 9
    assert {function: getattr(settings.pins, function) for function in named} == {function: table[function] for function in named}


def test_every_function_has_a_row_and_no_two_share_a_line_or_a_pin_of_the_header() -> None:
    rows = re.findall(r"^\| [^|]*\| `(\w+)` \| `([\w/]+)`(?:: (\d+))? \((\d+)\)", PAGE, re.MULTILINE)

    assert {function for function, *_ in rows} == set(PinFunction)
    lines = [pwm or line for _, line, pwm, _ in rows] + ["10", "11", "8", "2", "3"]
    pins = [pin for *_, pin in rows] + ["19", "23", "24", "3", "5"]
    assert len(set(lines)) == len(lines)
    assert len(set(pins)) == len(pins)


def test_so_much_shines_as_the_page_says() -> None:
    rows = re.findall(r"^\| (\d+) mW/sr \| (\d+) % \| (\d+) % \| (\d+) % \|", PAGE, re.MULTILINE)

    assert len(rows) == 5
    for intensity, *duties in rows:
        reckoned = [
            DoseLimiter(LightLimits(left_mw_sr=float(intensity), nearest_cm=cm), {"L": True}).ask("L", 100, 0).duty_percent
            for cm in (10, 20, 30)
        ]
        assert reckoned == [int(duty) for duty in duties], intensity


def test_the_limits_on_the_page_are_those_of_the_program() -> None:
    assert "3201 at 10 s, 569 at 100 s" in PAGE
    assert exposure_limit_w_m2(10) == pytest.approx(3201, abs=1)
    assert exposure_limit_w_m2(100) == pytest.approx(569, abs=1)
    assert exposure_limit_w_m2(2000) == 100


def test_the_emulated_raspberry_pi_is_wired_as_the_table_says() -> None:
    rows = re.findall(r"^\| [^|]*\| `(\w+)` \| `([\w/]+)`(?:: (\d+))? \(", PAGE, re.MULTILINE)

    table = {function: int(of_pwm or line) for function, line, of_pwm in rows if not function.startswith("screen")}

    assert table == WIRES
