"""The usual loop by OpenCV alone: `cv2.FaceDetectorYN` at 320 x 240, and the networks through `cv2.dnn`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.evaluate.cost.naive import EMBEDDER, TEXTURES, NaiveLoop
from edge.flow import Box, Detection
from edge.imaging import Pixels
from models.card import Colour, FaceInput
from models.contract import input_contract
from models.errors import EmbedderExpectedError
from models.store import ModelStore

VERSION = str(cv2.__version__)
DETECTOR = "yunet_2023mar"
WIDTH_PX, HEIGHT_PX = 320, 240
MAX_OVERLAP = 0.3
MOST_FACES = 5000
"""Before doubles are taken away: the default of OpenCV."""
REAL = 1
"""Index of the class `real`."""


class OpencvRunner:
    """`cv2.FaceDetectorYN` and `cv2.dnn`, with the threads that OpenCV is set to."""

    name = "opencv"
    version = f"OpenCV {VERSION}"

    def __init__(
        self, detector: str, min_confidence: float, networks: Mapping[str, str], face: FaceInput, colour: Colour
    ) -> None:
        """Paths of the detector's file and, by name, of those of the networks; OpenCV's own errors are raised as they are."""
        size = (WIDTH_PX, HEIGHT_PX)
        self._detector = cv2.FaceDetectorYN.create(detector, "", size, min_confidence, MAX_OVERLAP, MOST_FACES)
        self._networks = {name: cv2.dnn.readNetFromONNX(path) for name, path in networks.items()}
        self._scale, self._mean, self._swap = 1 / face.deviation[0], face.mean, colour is Colour.RGB

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        """All faces of a (height, width, 3) BGR picture."""
        small, factor = fitted(bgr, WIDTH_PX, HEIGHT_PX)
        _, rows = self._detector.detect(small)
        # OpenCV hands out None where nothing is found, whatever its types say.
        found = [] if rows is None else np.asarray(rows, dtype=np.float32)
        return tuple(detection(row[:14] / factor, float(row[14])) for row in found)

    def real(self, texture: str, crop: Pixels) -> float:
        """Probability of `real`."""
        return float(self._run(texture, cv2.dnn.blobFromImage(crop))[0, REAL])

    def embed(self, crop: Pixels) -> NDArray[np.float32]:
        """The embedding, not normalised."""
        return self._run(EMBEDDER, cv2.dnn.blobFromImage(crop, self._scale, mean=self._mean, swapRB=self._swap))

    def _run(self, name: str, blob: object) -> NDArray[np.float32]:
        network = self._networks[name]
        network.setInput(np.asarray(blob, dtype=np.float32))
        return np.asarray(network.forward(), dtype=np.float32)


def open_opencv_loop(store: ModelStore, min_confidence: float) -> NaiveLoop:
    """Open the loop; raises `ModelError` for a file that is missing or wrong."""
    card = store.card(EMBEDDER)
    if card.face is None:
        raise EmbedderExpectedError(card)
    networks = {name: str(store.path(name)) for name in (*TEXTURES, EMBEDDER)}
    colour = input_contract(card).colour
    return NaiveLoop(OpencvRunner(str(store.path(DETECTOR)), min_confidence, networks, card.face, colour), card.face)


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold OpenCV to one thread, and give it back what it had."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def fitted(bgr: Pixels, width_px: int, height_px: int) -> tuple[Pixels, float]:
    """A picture shrunk (linear, as OpenCV does it by itself) until it fits, and black at right and bottom; also by how much.

    Nothing is squashed: a face keeps its shape, as the detectors want it.
    """
    height, width = bgr.shape[:2]
    factor = min(1.0, width_px / width, height_px / height)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(bgr, size) if factor < 1 else bgr
    bottom, right = height_px - size[1], width_px - size[0]
    padded = cv2.copyMakeBorder(small, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return np.asarray(padded, dtype=np.uint8), factor


def detection(row: NDArray[np.float32], confidence: float) -> Detection:
    """A face of left, top, width, height and five points, in pixels of the frame."""
    box = Box(float(row[0]), float(row[1]), float(row[2]), float(row[3]))
    return Detection(box, np.asarray(row[4:14], dtype=np.float32).reshape(5, 2), confidence)
