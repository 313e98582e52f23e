"""Reads the one EXIF field that matters here: how the camera was held.

Source: Exif 2.32 (CIPA DC-008), section 4.6.4 A, tag 0x0112 "Orientation"; TIFF 6.0 section 2 for the layout.
"""

import struct
from enum import IntEnum

ORIENTATION_TAG = 0x0112
SHORT = 3


class Orientation(IntEnum):
    """What must be done to the stored rows to see the picture upright; the numbers are EXIF's own."""

    UPRIGHT = 1
    MIRRORED = 2
    UPSIDE_DOWN = 3
    FLIPPED = 4
    TRANSPOSED = 5
    TURN_CLOCKWISE = 6
    TRANSVERSED = 7
    TURN_ANTICLOCKWISE = 8


def orientation_of(tiff: bytes) -> Orientation:
    """Find the orientation in an EXIF block (which is a TIFF file); UPRIGHT where it is absent or damaged."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return Orientation.UPRIGHT
    try:
        return _first_directory_orientation(tiff, order)
    except (struct.error, ValueError):
        return Orientation.UPRIGHT


def _first_directory_orientation(tiff: bytes, order: str) -> Orientation:
    (directory,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, directory)
    for entry in range(count):
        tag, kind, _values, value = struct.unpack_from(order + "HHIH", tiff, directory + 2 + 12 * entry)
        if tag == ORIENTATION_TAG and kind == SHORT:
            return Orientation(value)
    return Orientation.UPRIGHT
