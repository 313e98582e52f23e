"""Takes pictures out of the footage, and puts faces where a test wants them. All of it stays in memory."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.engine import Engine
from edge.flow import Detection, FaceSample
from edge.stages.detect import Detector
from edge.stages.grade import Grader
from edge.stages.track import Tracker
from firmware.frame import DARK, frame_from_bgr
from firmware.picture import read_picture
from firmware.twin.camera import Clip

Pixels = NDArray[np.uint8]
Change = Callable[[Pixels], Pixels]

PORTRAITS = Path("verification/crossage_portraits")
CLIPS = ("pad/clips/wolf_live_blinks.mp4", "clips/lp_d0_smile_blink.mp4", "clips/lp_d18_mouth_open.mp4", "clips/grid_lwbsza.mpg")
"""Four recordings of four people."""


def picture_at(clip: Path, at_s: float) -> Pixels:
    """The picture of a recording at a time."""
    shot = next(Clip(clip).shots(round(at_s * 1e9)))
    return shot.bgr


def portraits(footage_dir: Path, least_eye_distance_px: float = 0.0) -> Iterator[Path]:
    """The development portraits whose eyes are so far apart, in a fixed order that mixes their sources."""
    folder = footage_dir / PORTRAITS
    with (folder / "images.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if float(row["eye_distance_px"]) >= least_eye_distance_px]
    for row in sorted(rows, key=lambda row: row["sha256"]):
        yield folder / "images" / row["file"]


def read(path: Path) -> Pixels:
    return read_picture(path)


@dataclass(frozen=True)
class Set:
    """Where a portrait stands in its frame."""

    width_px: int = 960
    height_px: int = 720
    eye_distance_px: float = 110.0
    x_share: float = 0.5
    y_share: float = 0.5


def staged(portrait: Pixels, detector: Detector, scene: Set | None = None) -> Pixels:
    """A frame in which the face of a portrait has this size and place; the border of the portrait is continued."""
    scene = scene or Set()
    face = detector.find(portrait)[0]
    scale = scene.eye_distance_px / face.eye_distance_px
    x, y = face.box.centre
    move = np.array(
        [[scale, 0, scene.x_share * scene.width_px - scale * x], [0, scale, scene.y_share * scene.height_px - scale * y]]
    )
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    # Shrinking first keeps fine detail from turning into noise.
    if scale < 1:
        portrait = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=how)
        move[:, :2] = np.eye(2)
    size = (scene.width_px, scene.height_px)
    return np.asarray(cv2.warpAffine(portrait, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def lit(gain: float) -> Change:
    """Brighter or darker, cut off at white."""
    return lambda frame: np.clip(frame.astype(np.float32) * gain, 0, 255).astype(np.uint8)


def blurred(sigma_px: float) -> Change:
    return lambda frame: np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma_px), np.uint8)


def shaken(length_px: int, along: str) -> Change:
    """Blurred along one axis, as by a movement during the exposure."""
    kernel = np.full((1, length_px) if along == "x" else (length_px, 1), 1 / length_px, dtype=np.float32)
    return lambda frame: np.asarray(cv2.filter2D(frame, -1, kernel), np.uint8)


def turned(degrees: float) -> Change:
    """The frame turned about its middle, anticlockwise."""

    def turn(frame: Pixels) -> Pixels:
        height, width = frame.shape[:2]
        about = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return np.asarray(cv2.warpAffine(frame, about, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)

    return turn


def graded(frame: Pixels, engine: Engine) -> FaceSample:
    """The face of a frame as the pipeline grades it; fails where there is none."""
    made = frame_from_bgr(np.ascontiguousarray(frame), 0, 0, DARK)
    track = Tracker().follow(engine.detector.find(made.bgr), 0)
    assert track is not None, "no face was found"
    return Grader(engine.rules.grade).grade(made, track, engine.aligner.points(made.bgr, track.detection))


def only(faces: tuple[Detection, ...]) -> Detection:
    """The one face; fails where there are none or several."""
    (face,) = faces
    return face
