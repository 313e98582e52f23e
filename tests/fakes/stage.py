"""A stage: networks that see what a script says at the time of the frame, so that an attempt runs without any weights.

Frames are 320 x 240 px, so that the detector does not shrink them; their pixels are noise, which is sharp and of middle grey.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edge.engine import Engine
from edge.flow import MatcherIdentity
from edge.imaging import region_around, warp_to
from edge.rules import Rules
from edge.stages.detect import NEAR, NEAR_PX
from edge.stages.express import Expresser
from edge.stages.landmarks import CROP_PX, LEFT_EYE, LOWER_LIP, MOUTH_LEFT, MOUTH_RIGHT, REGION, RIGHT_EYE, UPPER_LIP
from edge.stages.match import NetworkEmbedder, NetworkPart
from edge.stages.mesh_doubt import MOUTH, OTHERWISE
from edge.stages.relief import ReliefModel
from firmware.frame import DARK, Frame, frame_from_bgr
from models.card import Colour, FaceInput
from models.runtime import Network
from tests.edge.observations import MS, RULES
from tests.fakes.networks import Answering, Tensor
from tests.models.made_up import made_up_relief
from wire.result import ModelUse

WIDTH_PX, HEIGHT_PX = 320, 240
CLOTHES_PX = 196
"""From here down people wear something that has another colour than they."""
STRIDE = 8
EMBEDDING = 256
FIVE_POINTS = np.array([[0.28, 0.38], [0.72, 0.38], [0.50, 0.58], [0.34, 0.75], [0.66, 0.75]], dtype=np.float32)
"""Shares of the face's square: eyes, nose and mouth of a level face."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face on the stage, pixels of the frame."""

    x_px: float = 160.0
    y_px: float = 120.0
    side_px: float = 110.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be seen at one time."""

    faces: tuple[Face, ...] = (Face(),)
    real: float = 0.99
    """What both texture networks say."""
    eyes: float = 0.30
    mouth: float = 0.0
    yaw_deg: float = 0.0
    """To the right of the picture."""
    pitch_deg: float = 0.0
    """Bowed."""
    person: int = 1
    """Whose face it is; every person has an embedding of their own."""
    level: int = 128
    """Mean brightness."""
    masked: bool = False
    """Whether nose and mouth are behind a mask."""


Script = Callable[[float], Scene]
"""The scene at a time in milliseconds."""


class Stage:
    """Plays a script: `frames` sets the scene, the networks see it."""

    def __init__(self, script: Script, fps: float = 30.0, lasts_ms: float = 60_000.0, start_ms: float = 0.0) -> None:
        self._script, self._fps, self._lasts_ms, self._start_ms = script, fps, lasts_ms, start_ms
        self.scene = script(start_ms)
        self.five_points = FIVE_POINTS
        self._pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        self._looks = 0
        self._lately: deque[tuple[NDArray[np.uint8], Scene]] = deque(maxlen=8)
        self.networks: Mapping[str, Answering] = {
            "yunet_n": Answering(self._find),
            "landmarks5": Answering(lambda _: (self.five_points.reshape(1, 10),)),
            "minifasnet_v2": Answering(self._texture),
            "minifasnet_v1se": Answering(self._texture),
            "landmarks478": Answering(self._mesh),
            "facemask_aizoo": Answering(self._mask),
            "embedder": Answering(lambda _: (embedding_of(self.scene.person)[None],)),
        }

    def engine(self, rules: Rules = RULES, **instead: Network) -> Engine:
        """The product's engine on this stage's networks, some of them replaced."""
        networks = {**self.networks, **instead}
        uses = tuple(ModelUse(name, bytes(32)) for name in networks)
        return Engine(networks, rules, uses, embedder_of(networks["embedder"]), Expresser(MEAN_FACE), RELIEF)

    def frames(self) -> Iterator[Frame]:
        """The frames of the script; the scene is that of the frame handed out last."""
        noise = np.random.default_rng(5).integers(-60, 61, (HEIGHT_PX, WIDTH_PX, 3))
        noise[CLOTHES_PX:] += (60, 0, -60)
        for number in range(round(self._lasts_ms * self._fps / 1000)):
            at_ms = self._start_ms + number * 1000 / self._fps
            self.scene = self._script(at_ms)
            # No two frames in a row are alike, so that a crop tells from which it was cut.
            self._pixels = np.clip(np.roll(noise, 7 * number, axis=1) + self.scene.level, 0, 255).astype(np.uint8)
            self._lately.append((self._pixels, self.scene))
            yield frame_from_bgr(self._pixels.copy(), round(at_ms * MS), number, DARK)

    def shows(self, pixels: NDArray[np.uint8]) -> None:
        """The frame handed out last has another picture, (240, 320, 3)."""
        self._pixels = pixels
        self._lately[-1] = (pixels, self.scene)

    def _find(self, tensor: Tensor) -> tuple[Tensor, ...]:
        outputs = empty_answer(tensor.shape[2], tensor.shape[3])
        near = tensor.shape[2:] == (NEAR_PX, NEAR_PX)
        left, top, by = self._region_of(tensor) if near else (0, 0, _shrunk_by(tensor.shape[3]))
        for face in self.scene.faces:
            x, y = (face.x_px - left) / by, (face.y_px - top) / by
            if 0 <= x < tensor.shape[3] and 0 <= y < tensor.shape[2]:
                place(outputs, Face(x, y, face.side_px / by), tensor.shape[3] // STRIDE)
        return tuple(outputs)

    def _texture(self, _: Tensor) -> tuple[Tensor, ...]:
        real = self.scene.real
        return (np.array([[(1 - real) / 2, real, (1 - real) / 2]], dtype=np.float32),)

    def _mask(self, _: Tensor) -> tuple[Tensor, ...]:
        classes = np.full((1, 5972, 2), 0.05, dtype=np.float32)
        classes[0, 2000, 0 if self.scene.masked else 1] = 0.99
        return np.zeros((1, 5972, 4), dtype=np.float32), classes

    def _region_of(self, tensor: Tensor) -> tuple[int, int, int]:
        """The part of the frame that is shown; of pictures that are not the stage's own, the one around its first face."""
        if self._lately:
            return region_of(tensor, self._pixels)
        face = self.scene.faces[0]
        near = region_around(self._pixels, (face.x_px, face.y_px), NEAR * face.side_px, NEAR_PX)
        return near.left_px, near.top_px, round(1 / near.factor)

    def _crop_of(self, tensor: Tensor) -> tuple[Scene, float, float]:
        """The scene that a crop shows, how large its region is and how far it lies aside: whichever is most like the crop."""
        if not self._lately:
            # Of pictures that are not the stage's own nothing can be told: they are taken to be looked at by turns.
            self._looks += 1
            return self.scene, *((1.0, 0.0), *OTHERWISE)[(self._looks - 1) % 3]
        shown, row = tensor[0, CROP_PX // 2] * 255, np.array([[0, 0, 0], [0, 0, -CROP_PX / 2]])
        crops: list[tuple[float, int, tuple[Scene, float, float]]] = []
        for pixels, scene in self._lately:
            for face in scene.faces:
                for scale, aside in ((1.0, 0.0), *OTHERWISE):
                    zoom, shift = CROP_PX / (REGION * face.side_px * scale), aside * face.side_px
                    place = np.array([face.x_px + shift, face.y_px + shift])
                    matrix = np.hstack([zoom * np.eye(2), (CROP_PX / 2 - zoom * place)[:, None]]) + row
                    like = warp_to(pixels, matrix, CROP_PX, 1)[0, :, ::-1]
                    crops.append((float(np.abs(shown - like).mean()), len(crops), (scene, scale, aside)))
        return min(crops)[2]

    def _mesh(self, tensor: Tensor) -> tuple[Tensor, ...]:
        # What a look began in one frame it ends in the same.
        scene, scale, aside = self._crop_of(tensor)
        points = np.zeros((478, 3), dtype=np.float32)
        points[: len(MEAN_FACE), :2] = seen_from_in_front(scene.yaw_deg, scene.pitch_deg)
        for outer, upper_one, upper_two, inner, lower_two, lower_one in (RIGHT_EYE, LEFT_EYE):
            points[inner] = (100, 0, 0)
            points[upper_one] = points[upper_two] = (50, 0, 0)
            points[lower_one] = points[lower_two] = (50, 100 * scene.eyes, 0)
            points[outer] = (0, 0, 0)
        points[MOUTH_LEFT] = (100, 0, 0)
        points[MOUTH_RIGHT] = points[UPPER_LIP] = (0, 0, 0)
        points[LOWER_LIP] = (0, 100 * scene.mouth, 0)
        # The same face may be looked at in other crops: its points stay where they are, but for those under a mask.
        seen = np.setdiff1d(np.arange(len(points)), MOUTH) if scene.masked else np.arange(len(points))
        points[seen, :2] = (points[seen, :2] - CROP_PX / 2 - aside * CROP_PX / REGION) / scale + CROP_PX / 2
        return points.reshape(1, 1, 1, 1434), np.full((1, 1, 1, 1), 20, dtype=np.float32)


EYES_AND_MOUTH = [*RIGHT_EYE, *LEFT_EYE, UPPER_LIP, LOWER_LIP, MOUTH_LEFT, MOUTH_RIGHT]


def _shrunk_by(width_px: int) -> int:
    """By how much the whole frame was shrunk, which is then padded to a multiple of 32; 1 for a picture of another size."""
    return next((by for by in range(1, WIDTH_PX) if -(-(WIDTH_PX // by) // 32) * 32 == width_px), 1)


def _mean_face() -> NDArray[np.float64]:
    """Any points in space, of which eyes and mouth tell nothing about the head: they lie where the jaw does."""
    face = np.random.default_rng(9).uniform((-6, -4, -3), (6, 2, 3), (468, 3))
    face[1] = (0, 0, 4)
    face[EYES_AND_MOUTH, 1] = 20
    return face


MEAN_FACE = _mean_face()
RELIEF = ReliefModel(made_up_relief())


def seen_from_in_front(yaw_deg: float, pitch_deg: float) -> NDArray[np.float64]:
    """The points of the mean face, (468, 2), when the head is turned so."""
    yaw, pitch = np.radians([yaw_deg, pitch_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    return np.asarray(10 * (MEAN_FACE @ (about_y @ about_x).T)[:, :2])


FACE_PX = 64
MATCHER = MatcherIdentity("made_up", b"\x0e" * 32, "none 1.0")


def embedder_of(*networks: Network, dimension: int = EMBEDDING) -> NetworkEmbedder:
    """The product's embedder on made-up networks, each with the same say."""
    points = tuple((FACE_PX * x, FACE_PX * y) for x, y in FIVE_POINTS.tolist())
    face = FaceInput(FACE_PX, points, mean=(0.0, 0.0, 0.0), deviation=(1.0, 1.0, 1.0))
    return NetworkEmbedder(
        MATCHER, tuple(NetworkPart(network, face, Colour.BGR, dimension, 1 / len(networks)) for network in networks)
    )


def embedding_of(person: int) -> NDArray[np.float32]:
    """The embedding of a person: unlike that of any other."""
    vector = np.random.default_rng(person).normal(size=EMBEDDING).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


PROBES = ((0, 0), (1, 2), (2, 1), (3, 3), (4, 0), (0, 4), (5, 5), (2, 4), (5, 1), (1, 5), (4, 4), (3, 0))
"""Rows and columns of a part of a picture by which its place is found."""


def region_of(tensor: Tensor, pixels: NDArray[np.uint8]) -> tuple[int, int, int]:
    """Left, top and shrinking of the part of a picture that a (1, 3, height, width) tensor shows, read off its noise."""
    shown = tensor[0].transpose(1, 2, 0)
    for by in range(1, 6):
        means = means_of(pixels.tobytes(), by)
        blue = means[: means.shape[0] - 5 * by, : means.shape[1] - 5 * by, 0]
        places = np.argwhere(np.abs(blue - shown[0, 0, 0]) <= 0.51)
        for row, column in PROBES:
            there = means[places[:, 0] + by * row, places[:, 1] + by * column]
            places = places[(np.abs(there - shown[row, column]) <= 0.51).all(axis=1)]
        if len(places):
            return int(places[0, 1]), int(places[0, 0]), by
    raise AssertionError("this is no part of the picture")


@lru_cache(maxsize=128)
def means_of(pixels: bytes, by: int) -> NDArray[np.float32]:
    """The mean of the square of so many pixels that begins at each place of a picture of the stage."""
    picture = np.frombuffer(pixels, np.uint8).reshape(HEIGHT_PX, WIDTH_PX, 3)
    sums = np.pad(picture.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0), (0, 0)))
    return ((sums[by:, by:] - sums[:-by, by:] - sums[by:, :-by] + sums[:-by, :-by]) / by**2).astype(np.float32)


def empty_answer(height: int, width: int) -> list[NDArray[np.float32]]:
    """The detector's twelve outputs for a picture without faces: classes, objects, boxes, points, for each stride."""
    cells = [(height // stride) * (width // stride) for stride in (8, 16, 32)]
    return [np.zeros((1, count, size), dtype=np.float32) for size in (1, 1, 4, 10) for count in cells]


def place(outputs: list[NDArray[np.float32]], face: Face, columns: int) -> None:
    """Write a face into the outputs of the finest stride."""
    column, row = int(face.x_px // STRIDE), int(face.y_px // STRIDE)
    cell = row * columns + column
    corner = np.array([face.x_px - face.side_px / 2, face.y_px - face.side_px / 2])
    outputs[0][0, cell] = outputs[3][0, cell] = 0.95
    size = np.log(face.side_px / STRIDE)
    outputs[6][0, cell] = (face.x_px / STRIDE - column, face.y_px / STRIDE - row, size, size)
    outputs[9][0, cell] = ((corner + FIVE_POINTS * face.side_px) / STRIDE - (column, row)).reshape(10)
