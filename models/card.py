"""The types of a model card: everything that is promised about one model file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.digests import Sha256
from models.errors import ThresholdMissingError

Dimension = int | str
"""A fixed length, or the name of a length that the caller chooses."""


class Purpose(StrEnum):
    """What a model is for."""

    DETECTOR = "detector"
    LANDMARKS5 = "landmarks5"
    EMBEDDER = "embedder"
    TEXTURE = "texture"
    LANDMARKS478 = "landmarks478"
    BLENDSHAPES = "blendshapes"
    CONSTANTS = "constants"
    QUALITY = "quality"
    MASK = "mask"


class Runtime(StrEnum):
    """Which door opens a file; `data` is opened by none, it is numbers to read."""

    ONNX = "onnx"
    TFLITE = "tflite"
    OPENCV = "opencv"
    """Runs ONNX files, too; only the benchmark of a board chooses it, no manifest does."""
    DATA = "data"


class Colour(StrEnum):
    """The order of the colour channels, or `none` where a tensor holds no picture."""

    BGR = "BGR"
    RGB = "RGB"
    NONE = "none"


class Layout(StrEnum):
    """The order of the axes of a tensor."""

    NCHW = "NCHW"
    NHWC = "NHWC"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class TensorContract:
    """What one tensor must look like; every tensor of every model is float32."""

    name: str
    """Its name inside the file."""
    shape: tuple[Dimension, ...]
    """Fixed lengths, and names for lengths that the caller chooses."""
    layout: Layout
    colour: Colour
    meaning: str
    """What the numbers are, in words, with their unit."""
    value_range: tuple[float, float] | None
    """Lowest and highest value, checked on every run; None where there is no bound."""
    multiple_of: int
    """Every named length must be a multiple of this."""


Point = tuple[float, float]
Channels = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class FaceInput:
    """How an embedder wants a face: where the five points lie in its crop, and how the pixels are fed.

    Fed is (pixel - mean) / deviation per channel, pixels from 0 to 255, in the channel order of the input's colour.
    """

    crop_px: int
    """Side of the square crop."""
    points: tuple[Point, Point, Point, Point, Point]
    """Eye at the left of the picture, eye at the right, tip of the nose, corner of the mouth at the left, at the right: px."""
    mean: Channels
    deviation: Channels
    """Each above 0."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The file is published as it is, at one official address that can not change under us."""

    address: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """The file is a member of a zip that is published at one official address."""

    file: str
    """What the bundle is called in the cache."""
    address: str
    sha256: Sha256
    size_bytes: int
    member: str
    """The name of our file inside the bundle."""


@dataclass(frozen=True, slots=True)
class OfficialFile:
    """One published file from which a conversion was made."""

    address: str
    pin: str
    """What fixes its content: `sha256:HEX`, or `git:COMMIT` where no digest of the file is known."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """The file was made from official ones, so it comes from a mirror or from the centre and never silently from elsewhere."""

    officials: tuple[OfficialFile, ...]
    method: str
    """What was done to the official files, in words, and how far the result differs."""

    @property
    def official_names(self) -> tuple[str, ...]:
        """What the official files are called, without their addresses."""
        return tuple(official.address.rpartition("/")[2] for official in self.officials)


@dataclass(frozen=True, slots=True)
class Local:
    """The file has no public address, as that of a licensed engine: it lies beside the manifest that lists it, or in a mirror."""

    folder: Path
    """Where that manifest is."""
    supplier: str
    """Who hands the file out, and under which contract."""


Origin = Upstream | Bundle | Conversion | Local


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything that is promised about one model file."""

    name: str
    purpose: Purpose
    file: str
    sha256: Sha256
    size_bytes: int
    licence: str
    """SPDX identifier."""
    licence_note: str
    needed_by: str
    """The part of the pipeline that asks for it."""
    optional: bool
    """Whether a unit does without it unless somebody asks for it by name."""
    runtime: Runtime
    origin: Origin
    preparation: str
    """How the input is cut, aligned and scaled, in words."""
    input: TensorContract | None
    """None for data."""
    outputs: tuple[TensorContract, ...]
    """In the order in which `Network.run` returns them; empty for data."""
    face: FaceInput | None
    """How a face is fed: of embedders, and of nothing else."""
    threshold: float | None
    """From which score on the model's answer is yes; None where it decides nothing alone, as embedders: see `MatcherCard`."""
    threshold_meaning: str
    """What the score is and what the threshold costs; empty without a threshold."""
    derived_from: str
    """On which material the threshold was found; empty without a threshold."""

    @property
    def threshold_x10000(self) -> int:
        """The threshold times 10000, because signed bytes hold no floats; raises `ThresholdMissingError`."""
        if self.threshold is None:
            raise ThresholdMissingError(self)
        return round(self.threshold * 10_000)
