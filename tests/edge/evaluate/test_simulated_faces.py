"""The people whose photos scenes wear: each in one half, and never fewer than it takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.engine import Engine
from edge.evaluate.errors import FacesTooFewError, FolderNotFoundError, ListInvalidError
from edge.evaluate.people import PersonId
from edge.evaluate.simulated.faces import LEAST_PEOPLE, USUAL, Faces, read_faces, wear, worn_for
from edge.evaluate.split import Half
from firmware.twin.physics.surface import plane
from tests.edge.evaluate.sets import subjects, write_files, write_list
from tests.fakes.noise import picture


def listed(folder: Path, people: list[str]) -> tuple[Path, Path]:
    """A list with two photos of each person, and their folder."""
    rows = [(f"{person}_{number}.jpg", person) for person in people for number in (1, 2)]
    images = write_files(folder / "images", [file for file, _ in rows])
    return write_list(folder / "list.csv", "file,person", *(f"{file},{person}" for file, person in rows)), images


def test_each_person_belongs_to_one_half_with_all_their_photos(tmp_path: Path) -> None:
    people = [f"p{number}" for number in range(20)]
    table, images = listed(tmp_path, people)

    fit, report = (read_faces(table, images, half) for half in Half)

    assert set(fit.people).isdisjoint(report.people)
    assert {*fit.people, *report.people} == set(people)
    for half in (fit, report):
        assert all(len(photos) == 2 and photos[0].name.startswith(f"{person}_") for person, photos in half.by_person.items())


def test_a_half_with_too_few_people_is_refused(tmp_path: Path) -> None:
    fit = subjects(Half.FIT)
    table, images = listed(tmp_path, [next(fit) for _ in range(LEAST_PEOPLE - 1)])

    with pytest.raises(FacesTooFewError, match=f"{LEAST_PEOPLE - 1} people belong to this half"):
        read_faces(table, images, Half.FIT)
    with pytest.raises(FacesTooFewError, match="0 people"):
        read_faces(table, images, Half.REPORT)


def test_a_list_that_names_what_is_not_there_is_refused(tmp_path: Path) -> None:
    table, images = listed(tmp_path, ["a", "b"])

    with pytest.raises(FolderNotFoundError):
        read_faces(table, tmp_path / "nowhere", Half.FIT)
    (images / "a_1.jpg").unlink()
    with pytest.raises(ListInvalidError):
        read_faces(table, images, Half.FIT)


@pytest.mark.weights
@pytest.mark.footage
def test_the_first_photo_that_can_be_worn_is_worn(tmp_path: Path, footage_dir: Path, engine: Engine) -> None:
    portrait = footage_dir / USUAL / "images" / "A000055_p2024.jpg"
    faceless = picture(tmp_path / "noise.png")

    worn = wear((tmp_path / "gone.jpg", faceless, portrait), engine.eyes)

    assert worn is not None
    assert worn.shape == (*plane()[0].shape, 3)
    assert worn.std() > 0.05
    assert wear((tmp_path / "gone.jpg", faceless), engine.eyes) is None


@pytest.mark.weights
@pytest.mark.footage
def test_for_a_person_whose_photos_cannot_be_worn_the_next_one_stands_in(
    tmp_path: Path, footage_dir: Path, engine: Engine
) -> None:
    portraits = footage_dir / USUAL / "images"
    first, second, gone = (PersonId(word) for word in ("first", "second", "gone"))
    paths = {
        first: (portraits / "A000055_p2024.jpg",),
        gone: (tmp_path / "gone.jpg",),
        second: (portraits / "F000462_p2024.jpg",),
    }
    own = {person: wear(paths[person], engine.eyes) for person in paths}

    assert own[gone] is None
    assert own[first] is not None
    assert own[second] is not None
    for order, stands_in in (((first, gone, second), second), ((second, first, gone), second), ((gone, first, second), first)):
        faces = Faces({person: paths[person] for person in order})
        assert np.array_equal(worn_for(faces, gone, engine.eyes), own[stands_in])  # type: ignore[arg-type]
        assert np.array_equal(worn_for(faces, first, engine.eyes), own[first])  # type: ignore[arg-type]
    assert worn_for(Faces({gone: paths[gone]}), gone, engine.eyes) is None
