"""The loop of `face_recognition` (dlib): its HOG detector and its encoder on every frame. It has no texture networks at all."""

from __future__ import annotations

import face_recognition
import numpy as np

from edge.imaging import Pixels


def look(bgr: Pixels) -> bool:
    """Find and encode the faces of a (height, width, 3) BGR frame with the defaults of the library; whether there is one."""
    rgb = np.ascontiguousarray(bgr[:, :, ::-1])
    places = face_recognition.face_locations(rgb)
    return bool(face_recognition.face_encodings(rgb, places))
