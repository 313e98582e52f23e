"""Eight bits come out of light as EMVA 1288 says: tone curve, saturation, and noise that grows with the signal."""

import numpy as np
import pytest

from firmware.twin.physics.optics import Grid
from firmware.twin.physics.sensor import Noise, Sensor, develop

SIDE = 120
PLAIN = Sensor(full_well=400.0, read_noise=3.0, black=0.0, tone=1.0)


def _light(level: float) -> Grid:
    return np.full((3, SIDE, SIDE), level, dtype=np.float32)


def _quiet() -> Grid:
    return np.zeros((3, SIDE, SIDE), dtype=np.float32)


def _normal(seed: int) -> Grid:
    return np.random.default_rng(seed).standard_normal((3, SIDE, SIDE), dtype=np.float32)


@pytest.mark.parametrize("level", [0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("tone", [1.0, 2.2])
def test_without_noise_a_pixel_follows_the_tone_curve(level: float, tone: float) -> None:
    pixels = develop(_light(level), 1.0, Sensor(black=0.0, tone=tone), _quiet())

    # Half a step of rounding, and the width of one of 4096 steps of the converter.
    steepest = 255 * (max(level, 1 / 4096) ** (1 / tone) - max(level - 1 / 4096, 0) ** (1 / tone))
    assert abs(float(pixels.mean()) - 255 * level ** (1 / tone)) <= 0.5 + steepest
    assert np.ptp(pixels) == 0


def test_the_gain_is_the_exposure() -> None:
    assert np.array_equal(develop(_light(0.1), 5.0, PLAIN, _quiet()), develop(_light(0.5), 1.0, PLAIN, _quiet()))


def test_what_is_brighter_than_white_is_white_and_nothing_overflows() -> None:
    assert develop(_light(300.0), 1.0, PLAIN, _normal(1)).min() == 255
    assert develop(_light(0.001), 1.0, PLAIN, _quiet() - 9).max() == 0


def test_black_is_not_quite_black() -> None:
    assert develop(_light(0.0), 1.0, Sensor(black=0.02, tone=1.0), _quiet()).mean() == 5


def test_channels_keep_their_order_and_the_light_is_not_changed() -> None:
    light = _light(0.0)
    light[0] = 0.2
    before = light.copy()

    pixels = develop(light, 1.0, PLAIN, _quiet())

    assert pixels.shape == (SIDE, SIDE, 3)
    assert pixels.dtype == np.uint8
    assert pixels[0, 0].tolist() == [51, 0, 0]
    assert np.array_equal(light, before)


@pytest.mark.parametrize("level", [0.1, 0.3, 0.6])
@pytest.mark.parametrize(("full_well", "read_noise"), [(400.0, 3.0), (400.0, 12.0), (1600.0, 3.0)])
def test_the_variance_is_that_of_emva_1288(level: float, full_well: float, read_noise: float) -> None:
    sensor = Sensor(full_well, read_noise, black=0.0, tone=1.0)

    pixels = develop(_light(level), 1.0, sensor, _normal(3)).astype(float)

    electrons = level * full_well
    shot_read_and_rounding = (electrons + read_noise**2) * (255 / full_well) ** 2 + 1 / 12
    sigma = shot_read_and_rounding * np.sqrt(2 / pixels.size)
    assert abs(pixels.var() - shot_read_and_rounding) < 4 * sigma
    assert abs(pixels.mean() - 255 * level) < 0.5


def test_noise_is_standard_and_new_for_each_frame() -> None:
    noise = Noise(90, 110, np.random.default_rng(5))

    frames = [noise.next() for _ in range(6)]

    assert all(frame.shape == (3, 90, 110) for frame in frames)
    assert np.mean(frames) == pytest.approx(0, abs=0.03)
    assert np.var(frames) == pytest.approx(1, abs=0.05)
    others = [(one * other).mean() for number, one in enumerate(frames) for other in frames[:number]]
    assert np.abs(others).max() < 0.1


def test_the_same_dice_give_the_same_noise() -> None:
    one, other = (Noise(9, 11, np.random.default_rng(5)) for _ in range(2))

    assert np.array_equal(one.next(), other.next())
