"""The gate before the detector: noise does not open it, whatever comes or changes does, however slowly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.imaging import Pixels
from edge.stages.motion import MotionGate

ROOM = np.random.default_rng(3).integers(40, 200, (480, 640)).astype(np.uint8)


def noisy(luma: NDArray[np.uint8], seed: int, sigma: float) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, sigma, luma.shape)
    return np.clip(luma + noise, 0, 255).astype(np.uint8)


def test_the_first_frame_stirs_and_the_same_does_not() -> None:
    gate = MotionGate()

    assert [gate.stirs(ROOM) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_noise_does_not_stir(sigma: float) -> None:
    gate = MotionGate()
    gate.stirs(noisy(ROOM, 0, sigma))

    assert not any(gate.stirs(noisy(ROOM, seed, sigma)) for seed in range(1, 200))


@pytest.mark.parametrize("side_px", [48, 64, 120])
@pytest.mark.parametrize("brighter", [-15, 15])
def test_a_thing_of_the_size_of_a_small_face_stirs_wherever_it_comes(side_px: int, brighter: int) -> None:
    for place in range(0, 480 - side_px, 37):
        gate = MotionGate()
        gate.stirs(ROOM)
        come = ROOM.astype(np.int16)
        come[place : place + side_px, place + 20 : place + 20 + side_px] += brighter

        assert gate.stirs(np.clip(come, 0, 255).astype(np.uint8))


def test_what_comes_slowly_adds_up() -> None:
    gate, dim = MotionGate(), ROOM // 2
    gate.stirs(dim)

    stirred = [gate.stirs((dim + step).astype(np.uint8)) for step in range(1, 13)]

    assert [step for step, stirs in enumerate(stirred, 1) if stirs] == [7]


def test_a_change_is_told_once_and_then_compared_with() -> None:
    gate, bright = MotionGate(), (ROOM // 2 + 100).astype(np.uint8)
    gate.stirs(ROOM)

    assert [gate.stirs(bright), gate.stirs(bright), gate.stirs(ROOM)] == [True, False, True]


@pytest.mark.parametrize("shape", [(240, 320), (1, 1), (7, 9), (31, 500)])
def test_a_picture_of_any_size_is_compared_and_another_size_stirs(shape: tuple[int, int]) -> None:
    gate = MotionGate()
    gate.stirs(ROOM)
    small = np.full(shape, 90, np.uint8)

    assert [gate.stirs(small), gate.stirs(small)] == [True, False]
