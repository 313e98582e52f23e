"""Reads one picture file, safely: its size and wholeness are checked before a decoder sees it.

It opens JPEG, PNG, WebP and BMP and nothing else, so that only these decoders can be reached by a foreign file.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.errors import PictureNotFoundError, PictureTooLargeError, PictureUnreadableError
from firmware.exif import Orientation
from firmware.picture_header import PictureHeader, read_header

MAX_PICTURE_PIXELS = 64_000_000
MAX_FILE_BYTES = 64 * 1024 * 1024

_TURN: dict[Orientation, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    Orientation.UPRIGHT: lambda rows: rows,
    Orientation.MIRRORED: lambda rows: rows[:, ::-1],
    Orientation.UPSIDE_DOWN: lambda rows: rows[::-1, ::-1],
    Orientation.FLIPPED: lambda rows: rows[::-1],
    Orientation.TRANSPOSED: lambda rows: rows.transpose(1, 0, 2),
    Orientation.TURN_CLOCKWISE: lambda rows: rows[::-1].transpose(1, 0, 2),
    Orientation.TRANSVERSED: lambda rows: rows[::-1, ::-1].transpose(1, 0, 2),
    Orientation.TURN_ANTICLOCKWISE: lambda rows: rows[:, ::-1].transpose(1, 0, 2),
}


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read a picture file as it is meant to be seen (EXIF orientation applied).

    Returns pixels of shape (height, width, 3), uint8, blue first, 0 to 255, without transparency.
    Raises PictureNotFoundError, PictureUnreadableError (empty, cut off, not a picture, damaged) or
    PictureTooLargeError (above 64 megapixels or 64 MiB), the last one before anything is decoded.
    """
    return decode_picture(path, read_picture_file(path))


def decode_picture(path: Path, content: bytes) -> NDArray[np.uint8]:
    """Decode the bytes of a picture file, as `read_picture` does; `path` only names it in errors."""
    header = read_header(content)
    if header is None:
        raise PictureUnreadableError(path, "this is no picture that can be opened (JPEG, PNG, WebP or BMP)")
    _check_size(path, header)
    if not header.whole:
        raise PictureUnreadableError(path, f"this {header.kind} picture is cut off or damaged")
    return np.ascontiguousarray(_TURN[header.orientation](_decode(path, content, header)))


def png_of(bgr: NDArray[np.uint8]) -> bytes:
    """The bytes of a PNG file with exactly these (height, width, 3) pixels, blue first; packed quickly rather than tightly."""
    _, packed = cv2.imencode(".png", bgr, (cv2.IMWRITE_PNG_COMPRESSION, 1))
    return packed.tobytes()


def quiet_decoders() -> None:
    """Keep the logs of OpenCV and of its video decoders off stderr, for the whole process: our errors tell what is wrong.

    Called by board.py before a camera is opened; the video decoders read their word when the first video is opened.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    silent = 0
    # OpenCV 4 has the function at the top, OpenCV 5 in cv2.utils.logging; the stubs know the first only.
    home: Any = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging  # type: ignore[attr-defined]
    home.setLogLevel(silent)


def read_picture_file(path: Path) -> bytes:
    """The bytes of a picture file, at most 64 MiB: for whoever must check their digest before they are decoded.

    Raises PictureNotFoundError, PictureUnreadableError or PictureTooLargeError.
    """
    try:
        if not path.exists():
            raise PictureNotFoundError(path)
        if not path.is_file():
            raise PictureUnreadableError(path, "this is not a file")
        found_bytes = path.stat().st_size
        if found_bytes > MAX_FILE_BYTES:
            raise PictureTooLargeError(path, f"{found_bytes} bytes", f"{MAX_FILE_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise PictureUnreadableError(path, error.strerror or "the file cannot be read") from error
    if not content:
        raise PictureUnreadableError(path, "the file is empty")
    return content


def _check_size(path: Path, header: PictureHeader) -> None:
    if header.width_px * header.height_px > MAX_PICTURE_PIXELS:
        size = f"{header.width_px} x {header.height_px} pixels"
        raise PictureTooLargeError(path, size, f"{MAX_PICTURE_PIXELS // 1_000_000} megapixels")


def _decode(path: Path, content: bytes, header: PictureHeader) -> NDArray[np.uint8]:
    # The orientation is applied here for all kinds alike: what OpenCV applies differs between its versions.
    how = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), how)
    except cv2.error as error:
        raise PictureUnreadableError(path, f"this {header.kind} picture cannot be decoded") from error
    if decoded is None or decoded.shape != (header.height_px, header.width_px, 3):
        raise PictureUnreadableError(path, f"this {header.kind} picture cannot be decoded")
    return np.asarray(decoded, dtype=np.uint8)
