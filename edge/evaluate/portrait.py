"""The one face of a still that counts. Stills are not visits: people in the background are normal, and nobody can be guided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import hypot
from pathlib import Path

from edge.errors import EmbeddingInvalidError
from edge.flow import Detection
from edge.imaging import Pixels
from edge.reference import Eyes, embed_face, find_upright
from edge.stages.detect import Detector
from edge.stages.match import Embedding
from firmware.errors import FirmwareError
from firmware.picture import read_picture


class Loss(StrEnum):
    """Why nothing could be taken from a file."""

    NO_FACE = "no_face"
    UNREADABLE = "unreadable"
    NO_EMBEDDING = "no_embedding"


@dataclass(frozen=True, slots=True)
class Lost:
    """A file from which nothing could be taken."""

    loss: Loss
    what: str
    """In words; empty where the word of the loss says it all."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A picture, upright, and the face in it that counts."""

    bgr: Pixels
    """(height, width, 3), upright even where the file does not say that it lies on its side."""
    face: Detection
    faces: int
    """How many faces were found, this one included."""


def look_at(photo: Path, detector: Detector) -> Portrait | None:
    """Find the face of a photo that counts, or None where there is no face.

    Raises what `read_picture` raises: the picture is missing, damaged or too large.
    """
    bgr, faces = find_upright(read_picture(photo), detector)
    if not faces:
        return None
    height, width = bgr.shape[:2]
    return Portrait(bgr, max(faces, key=lambda face: prominence(face, width, height)), len(faces))


def prominence(face: Detection, width: int, height: int) -> float:
    """How much a face looks like the subject of its picture: its size in pixels, less the farther it is from the middle.

    A face half a picture away from the middle, on an edge, counts nothing: it belongs to a bystander.
    """
    x, y = face.box.centre
    return face.box.side_px * max(0.0, 1 - 2 * hypot(x / width - 0.5, y / height - 0.5))


def embed(portrait: Portrait, eyes: Eyes) -> Embedding:
    """The embedding of the face that counts; raises `EmbeddingInvalidError`."""
    return embed_face(portrait.bgr, portrait.face, eyes)


def embed_file(photo: Path, eyes: Eyes) -> Embedding | Lost:
    """The embedding of a photo, or why there is none. Whatever is wrong with the file is an answer, not an exception."""
    try:
        portrait = look_at(photo, eyes.detector)
        return embed(portrait, eyes) if portrait else Lost(Loss.NO_FACE, "")
    except FirmwareError as error:
        return Lost(Loss.UNREADABLE, str(error))
    except EmbeddingInvalidError as error:
        return Lost(Loss.NO_EMBEDDING, str(error))
