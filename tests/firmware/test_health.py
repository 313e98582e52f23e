"""A live camera is judged by its pictures: frozen, blank, resized and late ones are named, a dark room is not (F58)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from firmware.errors import CameraFaultError, CameraFormatError, CameraStalledError
from firmware.frame import DARK, UNKNOWN_LIGHT, Frame, Light, frame_from_bgr
from firmware.health import HealthLimits, HealthWatch
from tests.firmware.builders import Pixels, plain

FRAME_NS = 33_333_333


def _noise(level: int, spread: int, seed: int) -> Pixels:
    dice = np.random.default_rng(seed)
    return np.clip(dice.normal(level, spread, (240, 320, 3)), 0, 255).astype(np.uint8)


def _watch(pictures: Iterable[Pixels], light: Light = UNKNOWN_LIGHT) -> int:
    """So many pictures pass until one is named; the error is raised."""
    watch, passed = HealthWatch("usb:0", HealthLimits()), 0
    for number, picture in enumerate(pictures):
        watch.check(frame_from_bgr(picture, number * FRAME_NS, number, light))
        passed += 1
    return passed


def test_a_sound_camera_passes() -> None:
    assert _watch(_noise(120, 20, seed) for seed in range(90)) == 90


@pytest.mark.parametrize("level", [6, 12])
def test_the_noise_of_a_sensor_in_a_dark_room_passes(level: int) -> None:
    assert _watch(_noise(level, 8, seed) for seed in range(90)) == 90


def test_a_picture_that_stays_the_same_is_frozen() -> None:
    picture = _noise(120, 20, 1)

    with pytest.raises(CameraFaultError, match="usb:0: camera fault: the last 20 pictures are the same, value for value"):
        _watch(picture.copy() for _ in range(20))
    assert _watch(picture.copy() for _ in range(19)) == 19


@pytest.mark.parametrize(("level", "colour"), [(0, "black"), (14, "black"), (255, "white"), (253, "white")])
def test_pictures_in_which_nothing_can_be_seen_are_named_after_two_seconds(level: int, colour: str) -> None:
    with pytest.raises(CameraFaultError, match=rf"its pictures have been all {colour} for 2\.0 s \(is the lens covered\?\)"):
        _watch(_noise(level, 1, seed) for seed in range(62))
    assert _watch(_noise(level, 1, seed) for seed in range(60)) == 60


def test_hot_pixels_do_not_make_a_picture() -> None:
    def hot(seed: int) -> Pixels:
        picture = _noise(5, 1, seed)
        picture[3, 3] = picture[80, 160] = 255
        return picture

    with pytest.raises(CameraFaultError, match="all black"):
        _watch(hot(seed) for seed in range(90))


def test_a_dot_of_light_now_and_then_is_enough() -> None:
    def flash(number: int) -> Pixels:
        return _noise(120 if number % 30 == 29 else 5, 1, number)

    assert _watch(flash(number) for number in range(180)) == 180


def test_the_dark_that_the_unit_itself_makes_is_no_fault_but_white_is() -> None:
    assert _watch((plain(0, 320, 240) for _ in range(90)), DARK) == 90
    with pytest.raises(CameraFaultError, match="all white"):
        _watch((plain(255, 320, 240) for _ in range(90)), DARK)


def test_black_pictures_while_a_lamp_shines_are_a_fault() -> None:
    with pytest.raises(CameraFaultError, match="all black"):
        _watch((plain(0, 320, 240) for _ in range(90)), Light.parse("V"))


def test_pictures_of_another_size_than_the_first_are_named() -> None:
    with pytest.raises(CameraFormatError, match=r"its pictures changed from 320 x 240 to 640 x 480 pixels; restart"):
        _watch([plain(50, 320, 240), plain(60, 640, 480)])


def test_pictures_that_are_too_small_for_a_face_are_named() -> None:
    with pytest.raises(CameraFormatError, match=r"its pictures have 176 x 144 pixels; at least 240 a side are needed"):
        _watch([plain(50, 176, 144)])


@pytest.mark.parametrize(("age_s", "late"), [(0.0, False), (2.0, False), (2.1, True), (60.0, True)])
def test_a_picture_that_was_on_its_way_for_too_long_is_a_stall(age_s: float, late: bool) -> None:
    watch = HealthWatch("usb:0", HealthLimits())
    named = False

    try:
        watch.check_age(10**12, 10**12 + round(age_s * 1e9))
    except CameraStalledError as error:
        named = f"the newest picture is {age_s:.1f} s old" in str(error)

    assert named is late


def test_nothing_of_a_frame_is_changed_by_looking_at_it() -> None:
    frame: Frame = frame_from_bgr(_noise(120, 20, 1), 0, 0, UNKNOWN_LIGHT)
    before = frame.luma.copy()

    HealthWatch("usb:0", HealthLimits()).check(frame)

    assert np.array_equal(frame.luma, before)
