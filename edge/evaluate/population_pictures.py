"""What is taken from each picture of a population: its embedding, and a trace by which the same picture is known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.errors import EmbeddingInvalidError
from edge.evaluate.population_list import Picture
from edge.evaluate.portrait import Loss, Lost, embed, look_at
from edge.evaluate.same_picture import Trace, trace
from edge.evaluate.verification import LostPicture, Progress
from edge.reference import Eyes
from edge.stages.match import Embedding
from firmware.errors import FirmwareError


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A picture of which both could be taken."""

    picture: Picture
    embedding: Embedding
    trace: Trace


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """All listed pictures, those that were seen and those that were lost."""

    seen: tuple[Seen, ...]
    lost: tuple[LostPicture, ...]


def see_all(pictures: Sequence[Picture], eyes: Eyes, progress: Progress) -> Sightings:
    """Look at every picture once; raises `ModelError` when a network fails."""
    seen, lost = [], []
    for picture in pictures:
        found = see(picture, eyes)
        if isinstance(found, Lost):
            lost.append(LostPicture(picture.file, found))
        else:
            seen.append(found)
        progress(len(seen) + len(lost), len(pictures))
    return Sightings(tuple(seen), tuple(lost))


def see(picture: Picture, eyes: Eyes) -> Seen | Lost:
    """Look at one picture. Whatever is wrong with the file is an answer, not an exception, as in `embed_file`."""
    try:
        portrait = look_at(picture.path, eyes.detector)
        if portrait is None:
            return Lost(Loss.NO_FACE, "")
        points = eyes.aligner.points(portrait.bgr, portrait.face)
        return Seen(picture, embed(portrait, eyes), trace(portrait.bgr, points))
    except FirmwareError as error:
        return Lost(Loss.UNREADABLE, str(error))
    except EmbeddingInvalidError as error:
        return Lost(Loss.NO_EMBEDDING, str(error))
