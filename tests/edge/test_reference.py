"""The photo on file: exactly one face, large enough, turned upright whether it says how it lies or not (R28, R30)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.engine import Engine
from edge.errors import ReferenceMismatchError, ReferenceMissingError, ReferenceUnusableError
from edge.flow import Box, Detection
from edge.gallery import find_photos
from edge.reference import Eyes, embed_only_face, find_upright, only_face, read_named_photos
from edge.stages.match import Embedding, compare
from firmware.errors import PictureNotFoundError, PictureUnreadableError
from firmware.picture import read_picture
from tests.builders import ticket
from tests.edge.footage import Pixels, Set, picture_at, portraits, read, staged
from tests.firmware.builders import encoded, exif, with_jpeg_exif, write_picture
from wire.reference import Reference, ReferenceClass
from wire.ticket import Ticket

weights = pytest.mark.weights
footage = pytest.mark.footage

LYING = {3: 2, 6: 1, 8: 3}
"""EXIF orientation -> quarter turns anticlockwise that the stored pixels were given."""


def face(side_px: float, confidence: float = 0.9) -> Detection:
    return Detection(Box(0, 0, side_px, side_px), np.zeros((5, 2), dtype=np.float32), confidence)


def test_no_face_or_several_of_one_size_are_no_reference() -> None:
    with pytest.raises(ReferenceUnusableError, match="it shows no face"):
        only_face(())
    with pytest.raises(ReferenceUnusableError, match="it shows 3 faces"):
        only_face((face(100), face(80), face(50), face(20)))


def test_small_faces_in_the_background_do_not_count() -> None:
    assert only_face((face(100), face(49), face(20))).box.side_px == 100


def turned_file(path: Path, upright: Pixels, orientation: int) -> Path:
    """A JPEG whose pixels lie, and which says so."""
    lying = np.ascontiguousarray(np.rot90(upright, LYING[orientation]))
    path.write_bytes(with_jpeg_exif(encoded(".jpg", lying), exif(orientation)))
    return path


@pytest.fixture(scope="module")
def eyes(engine: Engine) -> Eyes:
    return Eyes(engine.detector, engine.aligner, engine.embedder)


@pytest.fixture(scope="module")
def people(footage_dir: Path, eyes: Eyes) -> list[tuple[Pixels, Embedding]]:
    """Portraits and their embeddings as they stand."""
    pictures = [read(path) for _, path in zip(range(8), portraits(footage_dir, 45), strict=False)]
    return [(picture, embed_only_face(picture, eyes)) for picture in pictures]


@weights
@footage
@pytest.mark.parametrize("orientation", LYING)
def test_a_photo_that_says_how_it_lies_is_the_same_photo(
    people: list[tuple[Pixels, Embedding]], eyes: Eyes, tmp_path: Path, orientation: int
) -> None:
    for number, (picture, upright) in enumerate(people):
        photo = turned_file(tmp_path / f"{number}.jpg", picture, orientation)

        assert compare(embed_only_face(read_picture(photo), eyes), upright) > 0.98


@weights
@footage
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_that_lies_without_saying_so_is_turned(people: list[tuple[Pixels, Embedding]], eyes: Eyes, quarters: int) -> None:
    for picture, upright in people:
        assert compare(embed_only_face(np.ascontiguousarray(np.rot90(picture, quarters)), eyes), upright) > 0.9


@weights
@footage
def test_a_photo_that_stands_upright_is_left_alone(footage_dir: Path, engine: Engine) -> None:
    elders = sorted((footage_dir / "elders/images").iterdir())[::8]
    tight = sorted((footage_dir / "verification/asian_faces/images").iterdir())[::8]

    assert [path.name for path in (*elders, *tight) if not stands(read(path), engine)] == []


def stands(picture: Pixels, engine: Engine) -> bool:
    """Whether the picture is left as it is."""
    return np.array_equal(find_upright(picture, engine.detector)[0], picture)


@weights
@footage
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_the_samples_that_were_stored_lying_are_found_whichever_way_they_lie(
    footage_dir: Path, engine: Engine, quarters: int
) -> None:
    stored = read(footage_dir / "pad/images/live_minivision_T1.jpg")
    upright, faces = find_upright(stored, engine.detector)

    again, found = find_upright(np.ascontiguousarray(np.rot90(stored, quarters)), engine.detector)

    assert np.array_equal(again, upright)
    assert len(found) == len(faces) == 1


@weights
@footage
def test_a_photo_of_nobody_of_two_and_of_somebody_far_away_is_refused(
    people: list[tuple[Pixels, Embedding]], eyes: Eyes, footage_dir: Path
) -> None:
    half = staged(people[0][0], eyes.detector, Set(width_px=480, eye_distance_px=70))
    pictures = {
        "no face": picture_at(footage_dir / "clips/intel_no_face.mp4", 3.0),
        "2 faces": np.hstack([half, half]),
        "too small": staged(people[0][0], eyes.detector, Set(eye_distance_px=18, width_px=320, height_px=240)),
    }

    for told, picture in pictures.items():
        with pytest.raises(ReferenceUnusableError, match=told):
            embed_only_face(picture, eyes)


@weights
@pytest.mark.parametrize("shape", [(1, 1), (3, 4000), (200, 200)])
def test_a_picture_of_any_size_without_a_face_is_refused(eyes: Eyes, shape: tuple[int, int]) -> None:
    with pytest.raises(ReferenceUnusableError, match="it shows no face"):
        embed_only_face(np.full((*shape, 3), 127, dtype=np.uint8), eyes)


@weights
@footage
def test_a_huge_photo_is_the_same_person(people: list[tuple[Pixels, Embedding]], eyes: Eyes) -> None:
    picture, upright = people[0]
    huge = np.asarray(np.kron(picture, np.ones((12, 12, 1), dtype=np.uint8)), dtype=np.uint8)

    assert max(huge.shape) > 3000
    assert compare(embed_only_face(huge, eyes), upright) > 0.95


@pytest.fixture
def photo(tmp_path: Path) -> Iterator[Path]:
    return write_picture(tmp_path / "photo.png", np.full((20, 30, 3), 90, dtype=np.uint8))


def digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def naming(*photos: Path) -> Ticket:
    """A ticket that names these photos, the first as a document, the others as captured under supervision."""
    classes = (ReferenceClass.DOCUMENT, *[ReferenceClass.SUPERVISED] * (len(photos) - 1))
    return ticket(references=tuple(Reference(digest(path), each) for path, each in zip(photos, classes, strict=True)))


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "second.png", np.full((40, 50, 3), 120, dtype=np.uint8))


def test_the_photo_that_the_ticket_names_is_read(photo: Path) -> None:
    (portrait,) = read_named_photos([photo], naming(photo))

    assert portrait.bgr.shape == (20, 30, 3)
    assert portrait.reference_class is ReferenceClass.DOCUMENT


def test_several_photos_are_read_in_the_order_of_the_ticket_whatever_order_they_are_given_in(photo: Path, second: Path) -> None:
    portraits = read_named_photos([second, photo, second], naming(photo, second))

    assert [portrait.bgr.shape[0] for portrait in portraits] == [20, 40]
    assert [portrait.reference_class for portrait in portraits] == [ReferenceClass.DOCUMENT, ReferenceClass.SUPERVISED]


def test_a_photo_that_the_ticket_does_not_name_is_refused_even_beside_those_that_it_names(photo: Path, second: Path) -> None:
    with pytest.raises(ReferenceMismatchError):
        read_named_photos([photo, second], naming(photo))


def test_a_photo_that_the_ticket_names_and_nobody_gave_is_missed(photo: Path, second: Path) -> None:
    with pytest.raises(ReferenceMissingError, match="case-2027-0001"):
        read_named_photos([photo], naming(photo, second))


def test_the_gallery_finds_all_photos_of_a_ticket_by_their_digests_alone(photo: Path, second: Path) -> None:
    (photo.parent / "folder").mkdir()
    (photo.parent / "copy of the second.png").write_bytes(second.read_bytes())

    found = find_photos(photo.parent, naming(second, photo))

    assert [digest(path) for path in found] == [digest(second), digest(photo)]


def test_a_gallery_that_lacks_one_of_the_photos_serves_no_visit(photo: Path, second: Path) -> None:
    named = naming(photo, second)
    second.unlink()

    with pytest.raises(ReferenceMissingError):
        find_photos(photo.parent, named)


def test_any_other_photo_is_refused_before_it_is_decoded(photo: Path) -> None:
    named = naming(photo)
    photo.write_bytes(b"this is no picture at all")

    with pytest.raises(ReferenceMismatchError):
        read_named_photos([photo], named)


def test_a_named_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(b"this is no picture at all")

    with pytest.raises(PictureUnreadableError):
        read_named_photos([file], naming(file))


def test_a_photo_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureNotFoundError, match=r"nobody\.png"):
        read_named_photos([tmp_path / "nobody.png"], ticket())
