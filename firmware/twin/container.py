"""Tells whether a video file is cut off, by walking its outermost parts. It decodes nothing.

A decoder plays a cut-off file up to the cut as if it were whole; a recording that is judged must be whole.
Containers: AVI (RIFF), MP4 and MOV (ISO/IEC 14496-12 section 4.2), Matroska and WebM (RFC 8794, RFC 9559), MPEG-1 and -2
program streams (ISO/IEC 11172-1 section 2.4.3, 13818-1 section 2.5.3). Others are not judged here.
"""

from pathlib import Path
from typing import BinaryIO

_BOX_KINDS = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"styp")
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_PACK, _END_OF_STREAM = b"\x00\x00\x01\xba", b"\x00\x00\x01\xb9"


def cut_off(path: Path) -> str | None:
    """Say where a video file breaks off; None if it is whole, or of a kind that cannot tell. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        if start[:4] == b"RIFF" and start[8:] == b"AVI ":
            return _cut_riff(int.from_bytes(start[4:8], "little"), size)
        if start[4:8] in _BOX_KINDS:
            return _cut_boxes(file, size)
        if start[:4] == _EBML:
            return _cut_ebml(file, size)
        if start[:4] == _PACK:
            return _cut_packs(file, size)
    return None


def _cut_riff(stated: int, size: int) -> str | None:
    # Writers put the length in last: zero means that the recording was never finished.
    if stated == 0 or 8 + stated > size:
        return "the AVI file is shorter than it says"
    return None


def _cut_boxes(file: BinaryIO, size: int) -> str | None:
    at, indexed = 0, False
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, kind = int.from_bytes(head[:4]), head[4:8]
        if length == 0:  # This box reaches to the end of the file.
            length = size - at
        elif length == 1:
            length = int.from_bytes(head[8:16])
        if length < 8 or not kind.isalnum():
            break  # Not a box: what some recorders leave behind the last one.
        if at + length > size:
            return f"the MP4 file ends inside its '{kind.decode('ascii')}' part"
        indexed = indexed or kind == b"moov"
        at += length
    return None if indexed else "the MP4 file has no index ('moov' part): its end is missing"


def _cut_ebml(file: BinaryIO, size: int) -> str | None:
    file.seek(4)
    file.seek(_ebml_length(file) or 0, 1)
    if file.read(4) != _SEGMENT:
        return None
    length = _ebml_length(file)
    if length is not None and file.tell() + length > size:
        return "the Matroska file is shorter than it says"
    return None


def _ebml_length(file: BinaryIO) -> int | None:
    """Read a variable-length integer (RFC 8794 section 4); None where it means "unknown" or the file ends."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    extra = 8 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] & (0x7F >> extra)]) + file.read(extra))
    return None if value == (1 << 7 * (extra + 1)) - 1 else value


def _cut_packs(file: BinaryIO, size: int) -> str | None:
    at = 0
    while at + 6 <= size:
        file.seek(at)
        head = file.read(14)
        if head[:3] != b"\x00\x00\x01" or head[:4] == _END_OF_STREAM:
            return None  # The end, or bytes whose meaning is not known here.
        length = _pack_length(head) if head[:4] == _PACK else 6 + int.from_bytes(head[4:6])
        if at + length > size:
            return "the MPEG file ends inside a packet"
        at += length
    return None


def _pack_length(head: bytes) -> int:
    """The length of a pack header: 12 bytes in MPEG-1; 14 and some stuffing in MPEG-2, which marks itself by the bits 01."""
    if head[4] >> 6 != 1:
        return 12
    return 14 + (head[13] & 7 if len(head) == 14 else 0)
