"""Reads kind, size, orientation and wholeness out of the bytes of a picture file, before any decoder sees them.

It decodes no pixels: picture.py does.
Sources: JPEG ITU-T T.81 annex B; PNG ISO/IEC 15948 section 5; WebP RFC 9649; BMP as written by Windows (BITMAPINFOHEADER).
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from firmware.exif import Orientation, orientation_of

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"

# Inside coded data 0xFF is followed by 0 (a stuffed byte), D0-D7 (a restart) or another 0xFF (fill): all else is a marker.
_MARKER_AFTER_CODED_DATA = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# All frame headers, without DHT (C4), JPG (C8) and DAC (CC), which lie between them.
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_APP1, _SCAN, _END = 0xE1, 0xDA, 0xD9
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


class PictureKind(StrEnum):
    """The kinds of picture file that this unit opens."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    BMP = "BMP"


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What a picture file says about itself."""

    kind: PictureKind
    width_px: int
    """As stored, before turning; 0 where the file ends before it says."""
    height_px: int
    """As stored, before turning; 0 where the file ends before it says."""
    orientation: Orientation
    whole: bool
    """Whether the file reaches its own end, with every checksum right where the kind has some."""


def kind_of(start: bytes) -> PictureKind | None:
    """Tell the kind of picture by the first 12 bytes of a file; None if it is none of those this unit opens."""
    if start.startswith(JPEG_SIGNATURE):
        return PictureKind.JPEG
    if start.startswith(PNG_SIGNATURE):
        return PictureKind.PNG
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return PictureKind.WEBP
    if start.startswith(b"BM"):
        return PictureKind.BMP
    return None


def read_header(content: bytes) -> PictureHeader | None:
    """Read the header of a whole file held in memory; None if it is no picture of a kind that this unit opens."""
    match kind_of(content[:12]):
        case PictureKind.JPEG:
            return _jpeg(content)
        case PictureKind.PNG:
            return _png(content)
        case PictureKind.WEBP:
            return _webp(content)
        case PictureKind.BMP:
            return _bmp(content)
        case None:
            return None


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment or chunk of a picture file."""

    kind: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class _Size:
    width_px: int
    height_px: int


def _jpeg(content: bytes) -> PictureHeader:
    width = height = 0
    orientation, whole = Orientation.UPRIGHT, False
    for part in _jpeg_segments(content):
        marker = part.kind[0]
        if marker in _FRAME_HEADERS and len(part.body) >= 5 and not width:
            height, width = struct.unpack_from(">HH", part.body, 1)
        elif marker == _APP1 and part.body.startswith(b"Exif\0\0"):
            orientation = orientation_of(part.body[6:])
        whole = marker == _END
    return PictureHeader(PictureKind.JPEG, width, height, orientation, whole)


def _jpeg_segments(content: bytes) -> Iterator[_Part]:
    """Hand out the segments up to the end marker, or up to where the file breaks off."""
    at = 2
    while at + 1 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _END:
            yield _Part(bytes([marker]), b"")
            return
        if marker in _WITHOUT_LENGTH:
            at += 2
            continue
        body = content[at + 4 : at + 2 + int.from_bytes(content[at + 2 : at + 4])]
        yield _Part(bytes([marker]), body)
        at += 4 + len(body)
        if marker == _SCAN:
            found = _MARKER_AFTER_CODED_DATA.search(content, at)
            at = found.start() if found else len(content)


def _png(content: bytes) -> PictureHeader:
    width = height = 0
    orientation, whole = Orientation.UPRIGHT, False
    for part in _png_chunks(content):
        if part.kind == b"IHDR" and len(part.body) >= 8:
            width, height = struct.unpack_from(">II", part.body)
        elif part.kind == b"eXIf":
            orientation = orientation_of(part.body)
        whole = part.kind == b"IEND"
    return PictureHeader(PictureKind.PNG, width, height, orientation, whole)


def _png_chunks(content: bytes) -> Iterator[_Part]:
    """Hand out the chunks whose checksum is right, up to the end or to the first that is damaged or cut off."""
    at = len(PNG_SIGNATURE)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if int.from_bytes(content[at + 8 + length : at + 12 + length]) != zlib.crc32(kind + body):
            return
        yield _Part(kind, body)
        if kind == b"IEND":
            return
        at += 12 + length


def _webp(content: bytes) -> PictureHeader:
    size = _Size(0, 0)
    orientation = Orientation.UPRIGHT
    for part in _webp_chunks(content):
        if part.kind == b"EXIF":
            orientation = orientation_of(part.body.removeprefix(b"Exif\0\0"))
        elif not size.width_px:
            size = _webp_size(part)
    whole = 8 + int.from_bytes(content[4:8], "little") <= len(content)
    return PictureHeader(PictureKind.WEBP, size.width_px, size.height_px, orientation, whole)


def _webp_chunks(content: bytes) -> Iterator[_Part]:
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        yield _Part(content[at : at + 4], content[at + 8 : at + 8 + length])
        at += 8 + length + length % 2


def _webp_size(part: _Part) -> _Size:
    """The size out of a chunk that states it; zeros out of any other."""
    body = part.body
    if part.kind == b"VP8X" and len(body) >= 10:
        return _Size(1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
    if part.kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return _Size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if part.kind == b"VP8 " and len(body) >= 10:
        return _Size(int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF)
    return _Size(0, 0)


def _bmp(content: bytes) -> PictureHeader:
    if len(content) < 34:
        return PictureHeader(PictureKind.BMP, 0, 0, Orientation.UPRIGHT, False)
    pixels, header, width, height, _planes, depth, packing = struct.unpack_from("<IIiiHHI", content, 10)
    row_bytes = (abs(width) * depth + 31) // 32 * 4
    # 0 is plain, 3 plain with bit masks; the old header of 12 bytes and the packed kinds are not opened.
    whole = header >= 40 and packing in (0, 3) and pixels + row_bytes * abs(height) <= len(content)
    return PictureHeader(PictureKind.BMP, abs(width), abs(height), Orientation.UPRIGHT, whole)
