"""The photos that a visitor is compared with: exactly one face each, large enough, upright or turned by a quarter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import ReferenceMismatchError, ReferenceMissingError, ReferenceUnusableError
from edge.flow import Detection
from edge.imaging import Pixels, shrink
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from edge.stages.match import Embedder, Embedding
from edge.stages.track import RIVAL_SIZE
from firmware.picture import decode_picture, read_picture_file
from wire.reference import ReferenceClass
from wire.ticket import Ticket

MIN_EYE_DISTANCE_PX = 24.0
LONGEST_PX = 1600
"""A photo is shrunk to this first: no face that the detector would see is lost, and a huge photo costs no more than others."""

SURE_CONFIDENCE = 0.85
CLEARLY_MORE = 0.03
"""The detector finds a face that lies on its side as well, and gives it upright points; only its confidence tells. With this
margin none of 297 upright pictures is turned, and all but 9 of those that stand on their head are (development sets)."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """What is needed to read a photo."""

    detector: Detector
    aligner: Aligner
    embedder: Embedder


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A photo on file, as pixels."""

    bgr: Pixels
    """(height, width, 3) BGR."""
    reference_class: ReferenceClass


def read_named_photos(photos: Sequence[Path], ticket: Ticket) -> tuple[Portrait, ...]:
    """The photos that a ticket names by their digests, in its order; the bytes that are checked are the bytes that are decoded.

    Raises `ReferenceMismatchError` for a file that the ticket does not name, `ReferenceMissingError` when one that it names is
    not among them, `PictureUnreadableError` and its kin for a file that is no picture.
    """
    found: dict[bytes, tuple[Path, bytes]] = {}
    for photo in photos:
        content = read_picture_file(photo)
        found[hashlib.sha256(content).digest()] = (photo, content)
    named = [reference.sha256 for reference in ticket.references]
    if not found.keys() <= set(named):
        raise ReferenceMismatchError
    if not found.keys() >= set(named):
        raise ReferenceMissingError(ticket.case)
    return tuple(Portrait(decode_picture(*found[one.sha256]), one.reference_class) for one in ticket.references)


def embed_only_face(bgr: Pixels, eyes: Eyes) -> Embedding:
    """Embed the one face of a picture, (height, width, 3) BGR; `ReferenceUnusableError` says why it cannot be done."""
    upright, faces = find_upright(bgr, eyes.detector)
    face = only_face(faces)
    if face.eye_distance_px < MIN_EYE_DISTANCE_PX:
        raise ReferenceUnusableError(f"its face is too small, the eyes are {face.eye_distance_px:.0f} px apart")
    return embed_face(upright, face, eyes)


def embed_face(upright: Pixels, face: Detection, eyes: Eyes) -> Embedding:
    """Embed one face of an upright picture; raises `EmbeddingInvalidError`."""
    return eyes.embedder.embed_still(eyes.embedder.crops(upright, eyes.aligner.points(upright, face)))


def only_face(faces: tuple[Detection, ...]) -> Detection:
    """The one face that counts; faces less than half as large in the background do not."""
    if not faces:
        raise ReferenceUnusableError("it shows no face")
    large = [face for face in faces if face.box.side_px >= RIVAL_SIZE * faces[0].box.side_px]
    if len(large) > 1:
        raise ReferenceUnusableError(f"it shows {len(large)} faces")
    return faces[0]


def find_upright(bgr: Pixels, detector: Detector) -> tuple[Pixels, tuple[Detection, ...]]:
    """The picture, at most 1600 px long, and its faces, largest first; one that lies on its side without saying so is turned."""
    small = shrink(bgr, LONGEST_PX).pixels
    turns = [np.ascontiguousarray(np.rot90(small, quarters)) for quarters in range(4)]
    found = [detector.find_in_still(turned) for turned in turns]
    # The surest face of each turn: a large bystander, cut off by the border, says nothing about what is up.
    confidence = [max((face.confidence for face in faces), default=0.0) for faces in found]
    best = max(range(4), key=confidence.__getitem__)
    if found[0] and confidence[best] < max(SURE_CONFIDENCE, confidence[0] + CLEARLY_MORE):
        best = 0
    return turns[best], found[best]
