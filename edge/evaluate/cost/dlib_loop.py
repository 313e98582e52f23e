"""The loop of `face_recognition` (dlib): its HOG detector and its encoder on every frame. It has no texture networks at all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edge.imaging import Pixels


def open_look() -> Callable[[Pixels], bool]:
    """What finds and encodes the faces of a (height, width, 3) BGR frame with the defaults of the library, and says whether
    there is one. `ImportError` without it: nothing of ours depends on it."""
    import face_recognition

    def look(bgr: Pixels) -> bool:
        rgb = np.ascontiguousarray(bgr[:, :, ::-1])
        places = face_recognition.face_locations(rgb)
        return bool(face_recognition.face_encodings(rgb, places))

    return look
