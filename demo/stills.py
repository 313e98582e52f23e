"""Takes a reference photo from a recording: the demonstration's only door to OpenCV. It never looks for a face."""

from __future__ import annotations

import math
from pathlib import Path

import cv2

from demo.errors import RecordingUnreadableError


def take_still(recording: Path, share: float, photo: Path) -> None:
    """Write the picture at `share` (0 to 1) of a recording's length as PNG; `RecordingUnreadableError` when there is none."""
    capture = cv2.VideoCapture(str(recording))
    try:
        frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        wanted = int(frames * share) if math.isfinite(frames) else 0
        capture.set(cv2.CAP_PROP_POS_FRAMES, wanted)
        there, picture = capture.read()
    finally:
        capture.release()
    if not there or not cv2.imwrite(str(photo), picture):
        raise RecordingUnreadableError(recording.name)
