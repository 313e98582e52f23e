"""Makes pictures, clips, folders and footage out of plain colours, so that a test can tell frames apart by their brightness."""

import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.frame import Frame

Pixels = NDArray[np.uint8]

WIDTH_PX, HEIGHT_PX = 64, 48
FPS = 25
PERIOD_NS = 40_000_000


class SteppingClock:
    """A clock that the test moves; each look at it may move it a little."""

    def __init__(self, now_ns: int = 0, step_ns: int = 0) -> None:
        self._now_ns = now_ns
        self._step_ns = step_ns

    def now_ns(self) -> int:
        self._now_ns += self._step_ns
        return self._now_ns

    def advance(self, seconds: float) -> None:
        self._now_ns += round(seconds * 1e9)


def eventually(what: Callable[[], bool], within_s: float = 30.0) -> bool:
    """Whether it comes true; another thread or process sees to it. It is asked every few milliseconds."""
    pause = threading.Event()
    return any(what() or pause.wait(0.005) for _ in range(round(within_s / 0.005)))


def plain(level: int, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> Pixels:
    """A grey picture."""
    return np.full((height_px, width_px, 3), level, dtype=np.uint8)


def noisy() -> Iterator[Pixels]:
    """Endless pictures like those of a real sensor: no two are the same."""
    for seed in count():
        yield np.random.default_rng(seed).integers(0, 255, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)


def level_of(frame: Frame) -> int:
    """The brightness of a grey frame, to the nearest ten, because coding changes it a little."""
    return int(round(float(frame.luma.mean()), -1))


def levels(frames: Sequence[Frame]) -> list[int]:
    """The brightness of each frame."""
    return [level_of(frame) for frame in frames]


def write_clip(path: Path, pictures: Sequence[Pixels], fourcc: str = "MJPG") -> Path:
    """Write a clip of 25 pictures a second."""
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), FPS, (width, height))
    assert writer.isOpened(), fourcc
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path


def write_grey_clip(path: Path, greys: Sequence[int], fourcc: str = "MJPG") -> Path:
    """Write a clip whose frames have these levels."""
    return write_clip(path, [plain(grey) for grey in greys], fourcc)


def write_picture(path: Path, pixels: Pixels) -> Path:
    """Write a picture of the kind that its suffix names."""
    path.write_bytes(encoded(path.suffix, pixels))
    return path


def encoded(suffix: str, pixels: Pixels) -> bytes:
    """The bytes of a picture file."""
    done, content = cv2.imencode(suffix, pixels)
    assert done, suffix
    return content.tobytes()


def exif(orientation: int, order: str = ">") -> bytes:
    """A TIFF block that holds the orientation, in big (>) or little (<) byte order."""
    mark = b"MM\0*" if order == ">" else b"II*\0"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(order + "IH", 8, 1) + entry + struct.pack(order + "I", 0)


def with_jpeg_exif(content: bytes, block: bytes) -> bytes:
    """A JPEG file with an EXIF segment right after its start."""
    body = b"Exif\0\0" + block
    return content[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + content[2:]


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_png_exif(content: bytes, block: bytes) -> bytes:
    """A PNG file with an EXIF chunk behind its header."""
    after_header = 8 + 25
    return content[:after_header] + png_chunk(b"eXIf", block) + content[after_header:]


def with_webp_exif(content: bytes, block: bytes, width_px: int, height_px: int) -> bytes:
    """A WebP file in its extended form, with an EXIF chunk at its end."""
    flags = struct.pack("<I", 0x08) + (width_px - 1).to_bytes(3, "little") + (height_px - 1).to_bytes(3, "little")
    chunks = b"VP8X" + struct.pack("<I", 10) + flags + content[12:] + b"EXIF" + struct.pack("<I", len(block)) + block
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks
