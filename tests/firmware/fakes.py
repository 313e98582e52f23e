"""Capture devices that obey `firmware.capture.Capture` without any hardware."""

import threading
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

YUYV = int.from_bytes(b"YUYV", "little")
MJPG = int.from_bytes(b"MJPG", "little")
PICTURE_EVERY_S = 0.001


class FakeCapture:
    """Delivers the pictures it is given, one each millisecond, then falls silent; remembers what it was told."""

    def __init__(self, pictures: Iterator[NDArray[np.uint8]], fourccs: frozenset[int] = frozenset({MJPG, YUYV})) -> None:
        self._pictures = pictures
        self._fourccs = fourccs
        self._waiting = threading.Event()
        self.properties: dict[int, float] = {}
        self.told: list[int] = []
        self.released_by: list[str] = []

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        self._waiting.wait(PICTURE_EVERY_S)  # A real camera makes its reader wait as well.
        picture = next(self._pictures, None)
        return picture is not None, picture

    def set(self, propId: int, value: float) -> bool:
        self.told.append(propId)
        if propId != cv2.CAP_PROP_FOURCC or value in self._fourccs:
            self.properties[propId] = value
        return True

    def get(self, propId: int) -> float:
        return self.properties.get(propId, 0.0)

    def release(self) -> None:
        self.released_by.append(threading.current_thread().name)


class HangingCapture(FakeCapture):
    """Never comes back from a read until it is let go; then it may have a picture."""

    def __init__(self) -> None:
        super().__init__(iter(()))
        self.let_go = threading.Event()
        self.late_picture: NDArray[np.uint8] | None = None

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        self.let_go.wait()
        return self.late_picture is not None, self.late_picture
