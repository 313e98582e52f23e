"""Tries camera and lamps of the unit as a visit would use them, and finds out whether they are fit for service (R5, F58)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from itertools import islice

from edge.health.capability import Lack, lacks_of_camera, lacks_of_computer, measure_camera
from firmware.board import Board
from firmware.errors import PartSilentError
from firmware.frame import Light

log = logging.getLogger("lifecert.health")

GLIMMER = Light.parse("LR", 10)
"""Near-infrared and weak: nobody sees it."""


def _try_lamps(board: Board) -> None:
    """Whether the lamps obey; what the camera sees of them is for visits to tell."""
    try:
        board.illuminator.shine(GLIMMER)
    finally:
        board.illuminator.off()


class Trial:
    """Opens the board, takes a few frames and closes it again; called between visits, by the main loop."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Board]],
        cpu_ms: Mapping[str, float],
        matcher_parts: tuple[str, ...] = (),
    ) -> None:
        """`cpu_ms` is what the networks cost on this board, by name; empty where nobody measured it."""
        self._opened, self._of_computer = opened, tuple(lacks_of_computer(cpu_ms, matcher_parts))
        self._of_camera: tuple[Lack, ...] = ()

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What keeps the unit from service, as far as it was seen."""
        return (*self._of_computer, *self._of_camera)

    def __call__(self) -> None:
        """Try it. Raises `FirmwareError` when a part fails; a unit that is not fit only says so in `lacks`."""
        with self._opened() as board:
            _try_lamps(board)
            if not board.live:
                if not list(islice(board.camera.frames(), 1)):
                    raise PartSilentError(board.camera.name, "no frame came")
                return
            measured = measure_camera(board.camera.frames())
            if measured is None:
                raise PartSilentError(board.camera.name, "no frames came")
        self._of_camera = tuple(lacks_of_camera(measured))
        for lack in self._of_camera:
            log.error("not fit for service", extra={"part": lack.part, "why": lack.sentence})
