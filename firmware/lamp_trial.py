"""Whether a camera sees the unit's own lamps: each is lit alone, and something before the unit must get brighter."""

from collections.abc import Iterator

import numpy as np

from firmware.board import Board
from firmware.frame import Frame, Light
from firmware.selftest import Finding

DUTY_PERCENT = 60
FRAMES_WAITED = 40
"""So many frames at most until one is surely of the light that was asked for."""
BRIGHTEST_SHARE = 10
"""A tenth of the picture is enough: what stands before the unit need not fill it."""
RISES_BY = 2.0
"""Levels of 255: many times what the noise of so many pixels leaves."""


def try_lamps(board: Board) -> tuple[Finding, ...]:
    """One finding for each lamp of a board whose camera tells its light; none for a board without. It is dark afterwards.

    Raises what the camera raises.
    """
    if not board.strobe.lamps:
        return ()
    frames = board.camera.frames()
    try:
        dark = _level(board, frames, "0")
        return tuple(_finding(lamp, dark, _level(board, frames, lamp)) for lamp in board.strobe.lamps)
    finally:
        board.illuminator.off()


def _finding(lamp: str, dark: float | None, lit: float | None) -> Finding:
    part = f"lamp {lamp}"
    if dark is None or lit is None:
        return Finding(part, False, f"no frame told that lamp {lamp} shone, or that it was dark: its light is not known")
    if lit < dark + RISES_BY:
        return Finding(
            part,
            False,
            f"nothing gets brighter when lamp {lamp} shines: hold a hand 30 cm before the unit and try again; "
            "if it stays so, check its wires",
        )
    return Finding(part, True, f"Lamp {lamp} makes the brightest tenth of the picture {lit - dark:.0f} levels brighter.")


def _level(board: Board, frames: Iterator[Frame], word: str) -> float | None:
    """How bright the brightest part of the picture is in this light; None where no frame comes in it."""
    board.illuminator.shine(Light.parse(word, 0 if word == "0" else DUTY_PERCENT))
    for _, frame in zip(range(FRAMES_WAITED), frames, strict=False):
        if frame.light.known and frame.light.word == word:
            return float(np.percentile(frame.luma[::4, ::4], 100 - BRIGHTEST_SHARE))
    return None
