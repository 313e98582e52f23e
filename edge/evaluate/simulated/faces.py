"""Photos of real people, laid out as the scenes wear them. They stay in memory; nothing of them is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ReferenceUnusableError
from edge.evaluate.errors import FacesTooFewError
from edge.evaluate.people import PersonId
from edge.evaluate.population_list import read_population
from edge.evaluate.split import Half, half_of
from edge.reference import Eyes, find_upright, only_face
from firmware.errors import FirmwareError
from firmware.picture import read_picture
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.surface import Photo, texture_of

LEAST_EYE_DISTANCE_PX = 40.0
"""Poorer photos would show their own pixels when a scene wears them."""
LEAST_PEOPLE = 4
USUAL = Path("verification/crossage_portraits")
"""Where the development portraits lie within a mirror's folder of data."""


@dataclass(frozen=True, slots=True)
class Faces:
    """The photos of one half."""

    by_person: Mapping[PersonId, tuple[Path, ...]]

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Who there is."""
        return tuple(self.by_person)


def read_faces(listed: Path, images: Path, half: Half) -> Faces:
    """The photos of the people of one half.

    Raises `ListUnreadableError`, `ListInvalidError`, `FolderNotFoundError`, and `FacesTooFewError` for fewer than four people.
    """
    by_person: dict[PersonId, tuple[Path, ...]] = {}
    for picture in read_population(listed, images).pictures:
        if half_of(picture.person) is half:
            by_person[picture.person] = (*by_person.get(picture.person, ()), picture.path)
    if len(by_person) < LEAST_PEOPLE:
        raise FacesTooFewError(listed, len(by_person), LEAST_PEOPLE)
    return Faces(by_person)


def worn_for(faces: Faces, person: PersonId, eyes: Eyes) -> Grid | None:
    """The photo of this person, or of the next one whose photo can be worn; None when nobody's can."""
    first = faces.people.index(person)
    standing_in = (*faces.people[first:], *faces.people[:first])
    return next((worn for other in standing_in if (worn := wear(faces.by_person[other], eyes)) is not None), None)


def wear(paths: Sequence[Path], eyes: Eyes) -> Grid | None:
    """The first of these photos that can be worn; None when none can."""
    for path in paths:
        try:
            upright, faces = find_upright(read_picture(path), eyes.detector)
            face = only_face(faces)
        except (FirmwareError, ReferenceUnusableError):
            continue
        if face.eye_distance_px >= LEAST_EYE_DISTANCE_PX:
            return texture_of(Photo(upright, eyes.aligner.points(upright, face)))
    return None
