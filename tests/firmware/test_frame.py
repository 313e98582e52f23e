"""A frame cannot be changed, and a light is one of the words."""

import numpy as np
import pytest

from firmware.errors import FrameShapeError, LightInvalidError
from firmware.frame import DARK, UNKNOWN_LIGHT, Emitter, Light, frame_from_bgr
from tests.firmware.builders import plain


def test_a_frame_cannot_be_written_to() -> None:
    pixels = plain(50)

    frame = frame_from_bgr(pixels, 7, 3, DARK)

    for array in (frame.bgr, frame.luma, pixels):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_a_frame_knows_its_brightness_time_and_size() -> None:
    frame = frame_from_bgr(plain(50, 20, 10), 7, 3, DARK)

    assert frame.luma.shape == (10, 20)
    assert np.all(frame.luma == 50)
    assert (frame.width_px, frame.height_px, frame.captured_ns, frame.sequence) == (20, 10, 7, 3)


def test_green_is_brighter_than_red_and_red_than_blue() -> None:
    pixels = np.zeros((1, 3, 3), dtype=np.uint8)
    pixels[0, 0, 0] = pixels[0, 1, 2] = pixels[0, 2, 1] = 255

    blue, red, green = frame_from_bgr(pixels, 0, 0, DARK).luma[0].tolist()

    assert blue < red < green


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), dtype=np.uint8),
        np.zeros((4, 4, 4), dtype=np.uint8),
        np.zeros((1, 691200), dtype=np.uint8),
        np.zeros((4, 4, 3), dtype=np.uint16),
        np.zeros((0, 4, 3), dtype=np.uint8),
    ],
)
def test_only_eight_bit_colour_makes_a_frame(pixels: np.ndarray) -> None:
    with pytest.raises(FrameShapeError, match="uint8 pixels of shape"):
        frame_from_bgr(pixels, 0, 0, DARK)


@pytest.mark.parametrize(
    ("word", "emitters", "known"),
    [
        ("L", {Emitter.LEFT}, True),
        ("R", {Emitter.RIGHT}, True),
        ("LR", {Emitter.LEFT, Emitter.RIGHT}, True),
        ("V", {Emitter.VISIBLE}, True),
        ("T", {Emitter.TOP}, True),
        ("LRVT", set(Emitter), True),
        ("0", set(), True),
        ("?", set(), False),
    ],
)
def test_a_light_word_names_its_emitters(word: str, emitters: set[Emitter], known: bool) -> None:
    light = Light.parse(word, 40)

    assert (light.word, light.emitters, light.known) == (word, emitters, known)
    assert light.duty_percent == (40 if emitters else 0)


def test_off_and_not_known_are_two_lights() -> None:
    assert Light.parse("0") == DARK
    assert Light.parse("?") == UNKNOWN_LIGHT
    assert DARK != UNKNOWN_LIGHT


@pytest.mark.parametrize("word", ["", "X", "RL", "LL", "l", "L0", "0?", " L", "L,R", "左"])
def test_any_other_light_word_is_refused(word: str) -> None:
    with pytest.raises(LightInvalidError):
        Light.parse(word)


@pytest.mark.parametrize("duty_percent", [-1, 0, 101])
def test_a_lit_emitter_has_a_duty_of_1_to_100(duty_percent: int) -> None:
    with pytest.raises(LightInvalidError, match="1 to 100 percent"):
        Light.parse("L", duty_percent)


def test_a_dark_light_has_no_duty() -> None:
    with pytest.raises(LightInvalidError, match="0 percent"):
        Light("0", 5)
