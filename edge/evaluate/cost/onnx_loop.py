"""The usual loop through plain onnxruntime: the files as they ship, the detector on the frame shrunk to 320 x 256."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.cost.naive import EMBEDDER, TEXTURES, NaiveLoop
from edge.evaluate.cost.opencv_loop import MAX_OVERLAP, REAL, detection, fitted
from edge.flow import Detection
from edge.imaging import Pixels
from models.card import Colour, FaceInput, Runtime
from models.contract import input_contract
from models.errors import EmbedderExpectedError
from models.runtime import Network, open_network, runtime_version
from models.store import ModelStore

DETECTOR = "yunet_n"
WIDTH_PX, HEIGHT_PX = 320, 256
"""Multiples of 32, as the detector wants them."""
STRIDES = (8, 16, 32)

Floats = NDArray[np.float32]


class OnnxRunner:
    """Sessions of onnxruntime, one thread each."""

    name = "onnxruntime"

    def __init__(self, networks: Mapping[str, Network], min_confidence: float, face: FaceInput, colour: Colour) -> None:
        self.version = runtime_version(Runtime.ONNX)
        self._networks, self._min_confidence = networks, min_confidence
        self._mean, self._deviation = np.array(face.mean, np.float32), np.array(face.deviation, np.float32)
        self._channels = slice(None, None, -1) if colour is Colour.RGB else slice(None)

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        """All faces of a (height, width, 3) BGR picture."""
        small, factor = fitted(bgr, WIDTH_PX, HEIGHT_PX)
        rows = decoded(self._networks[DETECTOR].run(_planes(small)), WIDTH_PX, self._min_confidence)
        return without_doubles([detection(row[:14] / factor, float(row[14])) for row in rows])

    def real(self, texture: str, crop: Pixels) -> float:
        """Probability of `real`."""
        (output,) = self._networks[texture].run(_planes(crop))
        return float(output[0, REAL])

    def embed(self, crop: Pixels) -> Floats:
        """The embedding, not normalised."""
        (output,) = self._networks[EMBEDDER].run(_planes((crop[:, :, self._channels] - self._mean) / self._deviation))
        return output


def open_onnx_loop(store: ModelStore, min_confidence: float) -> NaiveLoop:
    """Open the loop; raises `ModelError` for a file that is missing or wrong."""
    card = store.card(EMBEDDER)
    if card.face is None:
        raise EmbedderExpectedError(card)
    networks = {name: open_network(store.card(name), store.path(name)) for name in (DETECTOR, *TEXTURES, EMBEDDER)}
    return NaiveLoop(OnnxRunner(networks, min_confidence, card.face, input_contract(card).colour), card.face)


def decoded(outputs: Sequence[Floats], width_px: int, least: float) -> Floats:
    """(n, 15) left, top, width, height, five points, confidence, as the card of `yunet_n` says; pixels of the small picture."""
    return np.concatenate([_decoded(outputs[at::3], stride, width_px // stride, least) for at, stride in enumerate(STRIDES)])


def without_doubles(faces: Sequence[Detection]) -> tuple[Detection, ...]:
    """The surest face stays, those that overlap it go, and so on."""
    kept: list[Detection] = []
    for face in sorted(faces, key=lambda face: -face.confidence):
        if all(face.box.overlap(other.box) <= MAX_OVERLAP for other in kept):
            kept.append(face)
    return tuple(kept)


def _decoded(outputs: Sequence[Floats], stride: int, columns: int, least: float) -> Floats:
    classes, objects, boxes, points = (output[0] for output in outputs)
    confidence = np.sqrt(np.clip(classes[:, 0] * objects[:, 0], 0, 1))
    sure = np.flatnonzero(confidence >= least)
    cells = np.stack([sure % columns, sure // columns], axis=1).astype(np.float32)
    sizes = np.exp(np.clip(boxes[sure, 2:], -8, 8)) * stride
    corners = (cells + boxes[sure, :2]) * stride - sizes / 2
    places = (points[sure].reshape(-1, 5, 2) + cells[:, None]) * stride
    return np.concatenate([corners, sizes, places.reshape(-1, 10), confidence[sure, None]], axis=1)


def _planes(picture: NDArray[np.generic]) -> Floats:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
