"""The photo that a visitor is compared with: exactly one face, large enough, upright or turned by a quarter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import ReferenceMismatchError, ReferenceUnusableError
from edge.flow import Detection
from edge.imaging import Pixels
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from edge.stages.grade import head_pose
from edge.stages.match import Embedder, Embedding
from edge.stages.track import RIVAL_SIZE
from firmware.picture import read_picture

MIN_EYE_DISTANCE_PX = 24.0
TURNED_DEG = 45.0


@dataclass(frozen=True, slots=True)
class Eyes:
    """What is needed to read a photo."""

    detector: Detector
    aligner: Aligner
    embedder: Embedder


def read_reference(photo: Path, eyes: Eyes, expected_sha256: bytes | None) -> Embedding:
    """Embed the one face of a photo.

    Raises `PictureUnreadableError` and its kin for a file that is no picture, `ReferenceMismatchError` when the ticket names
    another file, `ReferenceUnusableError` when it does not show exactly one face of sufficient size.
    """
    if expected_sha256 is not None and file_sha256(photo) != expected_sha256:
        raise ReferenceMismatchError
    return embed_only_face(read_picture(photo), eyes)


def file_sha256(path: Path) -> bytes:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def embed_only_face(bgr: Pixels, eyes: Eyes) -> Embedding:
    """Embed the one face of a picture, (height, width, 3) BGR; `ReferenceUnusableError` says why it cannot be done."""
    upright, faces = find_upright(bgr, eyes.detector)
    face = only_face(faces)
    if face.eye_distance_px < MIN_EYE_DISTANCE_PX:
        raise ReferenceUnusableError(f"its face is too small, the eyes are {face.eye_distance_px:.0f} px apart")
    return eyes.embedder.embed(eyes.aligner.crop(upright, face))


def only_face(faces: tuple[Detection, ...]) -> Detection:
    """The one face that counts; faces less than half as large in the background do not."""
    if not faces:
        raise ReferenceUnusableError("it shows no face")
    large = [face for face in faces if face.box.side_px >= RIVAL_SIZE * faces[0].box.side_px]
    if len(large) > 1:
        raise ReferenceUnusableError(f"it shows {len(large)} faces")
    return faces[0]


def find_upright(bgr: Pixels, detector: Detector) -> tuple[Pixels, tuple[Detection, ...]]:
    """The picture and its faces, largest first; a picture that lies on its side without saying so is turned."""
    for quarters in (0, 1, 3, 2):
        turned = np.ascontiguousarray(np.rot90(bgr, quarters))
        faces = detector.find_in_still(turned)
        if faces and abs(head_pose(faces[0]).roll_deg) < TURNED_DEG:
            return turned, faces
    return bgr, ()
