"""What is fitted to a unit is checked when its settings are read, and each wrong word is named."""

from __future__ import annotations

import pytest

from tests.edge.test_config import wrong

FITTINGS_WRONG = [
    ("pins", "chip", '"/dev/gpiochip0"', "must be a chip of /dev by its name, such as gpiochip0"),
    ("pins", "left", "17", "must be a text"),
    ("pins", "left", '"GPIO 17"', "must be a number"),
    ("pins", "buzzer", '"pwmchip0/1"', "only a lamp can hang on hardware PWM"),
    ("pins", "active_low", '"lamp"', "must be out of left, right"),
    ("screen", "kind", '"hdmi"', "'hdmi' is not one of none, panel, st7789, ili9341, ssd1306"),
    ("screen", "bus", '"spi0"', "must be like spi0.0 or i2c-1/0x3c"),
    ("screen", "rotation", "45", "must be one of 0, 90, 180, 270"),
    ("screen", "rotation", "true", "must be one of 0, 90, 180, 270"),
    ("screen", "rotation", "90.0", "must be one of 0, 90, 180, 270"),
    ("screen", "font", "7", "must be a text"),
    ("sound", "device", '""', "must be a text"),
    ("sound", "volume_percent", "401", "must be a number from 0 to 400"),
    ("sound", "volume_percent", "nan", "must be a number from 0 to 400"),
    ("sound", "volume_percent", "true", "must be a number from 0 to 400"),
    ("sound", "folder", "[]", "must be a text"),
]


@pytest.mark.parametrize(("section", "key", "value", "told"), FITTINGS_WRONG)
def test_what_is_fitted_is_checked_when_it_is_read(section: str, key: str, value: str, told: str) -> None:
    error = wrong(f"[{section}]\n{key} = {value}")

    assert error.key == f"{section}.{key}"
    assert told in str(error)


def test_one_line_cannot_do_two_things() -> None:
    error = wrong('[pins]\nleft = "17"\nled_red = "17"')

    assert error.key == "pins.led_red"
    assert "is the line of left already" in str(error)
