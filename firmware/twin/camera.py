"""Replayed cameras: a clip, or a folder of pictures with their time and light.

Both are checked when they are built; every call of `frames` replays from the beginning.
"""

import math
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.errors import CameraFormatError, CameraNotFoundError
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.picture import read_picture
from firmware.picture_header import kind_of
from firmware.twin.container import cut_off
from firmware.twin.frame_table import FrameRow, read_frame_table
from firmware.twin.pace import UNPACED, Pacer

MAX_CLIP_FRAME_PIXELS = 16_000_000
DEFAULT_FPS = 30
END_OF_CLIP_NS = 2**63 - 1
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
TABLE_NAME = "frames.csv"


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture of a clip and its time within the clip."""

    bgr: NDArray[np.uint8]
    """Shape (height, width, 3), uint8, blue first, upright (rotation metadata applied)."""
    at_ns: int


class Clip:
    """A video file, checked when built: it exists, is whole, is a video, and its first picture has a sane size."""

    def __init__(self, path: Path) -> None:
        """Raises CameraNotFoundError or CameraFormatError."""
        self.name = f"clip:{path}"
        self._path = path
        self._check_file()
        with closing(self.shots()) as shots:
            first = next(shots, None)
        if first is None:
            raise CameraFormatError(self.name, "this is not a video, or it holds no picture that can be decoded")
        self.height_px, self.width_px = first.bgr.shape[:2]

    def shots(self, start_ns: int = 0, end_ns: int = END_OF_CLIP_NS) -> Generator[Shot, None, None]:
        """Decode the pictures from `start_ns` up to, not including, `end_ns`, both in time of the clip.

        Times come from the file where it states them in order, else from the frame rate; they strictly increase.
        Raises CameraFormatError where the clip breaks off early or changes its size.
        """
        capture = cv2.VideoCapture(str(self._path.resolve()), cv2.CAP_FFMPEG)
        try:
            capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
            self._check_frame_size(capture)
            yield from self._decode(capture, start_ns, end_ns)
        finally:
            capture.release()

    def _check_file(self) -> None:
        if not _is_unicode(self._path):
            raise CameraFormatError(self.name, "its name is not UTF-8; rename the file or its folder")
        try:
            if not self._path.exists():
                raise CameraNotFoundError(self.name, "there is no such file")
            if not self._path.is_file():
                raise CameraFormatError(self.name, "this is not a file; for a folder of pictures use folder:DIR")
            with self._path.open("rb") as file:
                self._check_start(file.read(512))
            broken = cut_off(self._path)
        except OSError as error:
            raise CameraFormatError(self.name, error.strerror or "the file cannot be read") from error
        if broken:
            raise CameraFormatError(self.name, broken)

    def _check_start(self, start: bytes) -> None:
        if not start:
            raise CameraFormatError(self.name, "the file is empty")
        if kind_of(start) is not None:
            raise CameraFormatError(self.name, "this is one picture; put it into a folder and use folder:DIR")
        # Among the decoders are some that draw text as pictures, and some that follow text to other files and hosts.
        if _is_text(start):
            raise CameraFormatError(self.name, "this is text, not a video")

    def _check_frame_size(self, capture: cv2.VideoCapture) -> None:
        width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MAX_CLIP_FRAME_PIXELS:
            limit = f"{MAX_CLIP_FRAME_PIXELS // 1_000_000} megapixels"
            raise CameraFormatError(self.name, f"its pictures have {width:.0f} x {height:.0f} pixels; the limit is {limit}")

    def _decode(self, capture: cv2.VideoCapture, start_ns: int, end_ns: int) -> Iterator[Shot]:
        period_ns = round(1e9 / _frame_rate(capture))
        count, at_ns = 0, -period_ns
        size: tuple[int, ...] | None = None
        while _grab(capture):
            count, at_ns = count + 1, _next_time_ns(capture, at_ns, period_ns)
            if at_ns >= end_ns:
                return
            if at_ns < start_ns:
                continue
            bgr = _retrieve(capture)
            if bgr is None or (size is not None and bgr.shape != size):
                raise CameraFormatError(self.name, f"its picture {count} cannot be decoded or has another size than the first")
            size = bgr.shape
            yield Shot(bgr, at_ns)
        self._check_end(capture, count, at_ns + period_ns)

    def _check_end(self, capture: cv2.VideoCapture, count: int, end_ns: int) -> None:
        """Compare what came with what the file announces: both are estimates in some containers, so both must fall short."""
        stated, rate = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
        if not (math.isfinite(stated) and math.isfinite(rate) and rate > 0):
            return
        if count < 0.9 * stated - 2 and end_ns < 0.9e9 * stated / rate:
            raise CameraFormatError(self.name, f"the clip breaks off after {count} of about {stated:.0f} pictures")


class _Replay:
    """What the replayed cameras share: a `with` block, after which no frame comes any more."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._closed = False

    @property
    def name(self) -> str:
        """The words by which it was opened."""
        return self._name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed = True


class ClipCamera(_Replay):
    """Replays a video file. Frame times are those of the file; its light is not known."""

    def __init__(self, path: Path, pacer: Pacer = UNPACED) -> None:
        """Raises CameraNotFoundError or CameraFormatError."""
        self._clip = Clip(path)
        self._pacer = pacer
        super().__init__(self._clip.name)

    def frames(self) -> Iterator[Frame]:
        """Replay from the beginning; raises CameraFormatError where the clip breaks off."""
        return self._pacer.paced(self._frames())

    def _frames(self) -> Iterator[Frame]:
        for sequence, shot in enumerate(self._clip.shots()):
            if self._closed:
                return
            yield frame_from_bgr(shot.bgr, shot.at_ns, sequence, UNKNOWN_LIGHT)


class FolderCamera(_Replay):
    """Replays a folder of pictures, with time and light from DIR/frames.csv (see docs/cameras.md).

    Without that table the pictures come in the order of their names, 30 a second, and their light is not known.
    """

    def __init__(self, folder: Path, pacer: Pacer = UNPACED) -> None:
        """Raises CameraNotFoundError, CameraFormatError (no pictures) or FrameTableInvalidError."""
        super().__init__(f"folder:{folder}")
        self._rows = self._read_rows(folder)
        self._pacer = pacer

    def frames(self) -> Iterator[Frame]:
        """Replay from the beginning; raises what `read_picture` raises."""
        return self._pacer.paced(self._frames())

    def _frames(self) -> Iterator[Frame]:
        for sequence, row in enumerate(self._rows):
            if self._closed:
                return
            yield frame_from_bgr(read_picture(row.picture), row.captured_ns, sequence, row.light)

    def _read_rows(self, folder: Path) -> tuple[FrameRow, ...]:
        try:
            if not folder.exists():
                raise CameraNotFoundError(self.name, "there is no such folder")
            if not folder.is_dir():
                raise CameraFormatError(self.name, "this is not a folder; for a video use clip:FILE")
            table = folder / TABLE_NAME
            rows = read_frame_table(table) if table.is_file() else _rows_by_name(folder)
        except OSError as error:
            raise CameraFormatError(self.name, error.strerror or "the folder cannot be read") from error
        if not rows:
            raise CameraFormatError(self.name, "there is no picture in this folder")
        return rows


def _rows_by_name(folder: Path) -> tuple[FrameRow, ...]:
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file())
    return tuple(
        FrameRow(picture, number * 1_000_000_000 // DEFAULT_FPS, UNKNOWN_LIGHT) for number, picture in enumerate(pictures)
    )


def _is_unicode(path: Path) -> bool:
    """OpenCV 4.11 and 5.0 crash the process on a path that holds lone surrogates (file names of other bytes than UTF-8)."""
    try:
        str(path.resolve()).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_text(start: bytes) -> bool:
    return all(byte >= 0x20 or byte in b"\t\n\r\f" for byte in start)


def _frame_rate(capture: cv2.VideoCapture) -> float:
    stated = capture.get(cv2.CAP_PROP_FPS)
    return stated if math.isfinite(stated) and 1 <= stated <= 1000 else DEFAULT_FPS


def _grab(capture: cv2.VideoCapture) -> bool:
    try:
        return capture.grab()
    except cv2.error:
        return False  # The count at the end tells whether pictures are missing.


def _retrieve(capture: cv2.VideoCapture) -> NDArray[np.uint8] | None:
    found, bgr = capture.retrieve()
    if not found or bgr.dtype != np.uint8 or bgr.ndim != 3 or bgr.shape[2] != 3:
        return None
    return np.asarray(bgr, dtype=np.uint8)


def _next_time_ns(capture: cv2.VideoCapture, last_ns: int, period_ns: int) -> int:
    stated_ms = capture.get(cv2.CAP_PROP_POS_MSEC)
    stated_ns = round(stated_ms * 1e6) if math.isfinite(stated_ms) else -1
    return stated_ns if stated_ns > max(last_ns, -1) else last_ns + period_ns
