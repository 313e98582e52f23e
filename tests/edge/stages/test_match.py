"""Alignment and embeddings: what must hold for any face, and the distances between real people."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from edge.engine import Engine
from edge.errors import EmbeddingInvalidError
from edge.flow import Box, Detection
from edge.imaging import apply_map, similarity_map
from edge.stages.align import CROP_PX, TEMPLATE, Aligner, square_around
from edge.stages.match import Embedder, Embedding, compare, mean_embedding
from tests.edge.footage import CLIPS, Pixels, blurred, lit, only, picture_at, portraits, read, turned
from tests.fakes.networks import Answering

weights = pytest.mark.weights
footage = pytest.mark.footage


def unit(*numbers: float) -> Embedding:
    vector = np.array(numbers, dtype=np.float32)
    return Embedding(vector / np.linalg.norm(vector))


def test_likeness_is_the_cosine() -> None:
    assert compare(unit(1, 0), unit(1, 0)) == pytest.approx(1.0)
    assert compare(unit(1, 0), unit(0, 1)) == pytest.approx(0.0)
    assert compare(unit(1, 0), unit(-1, 0)) == pytest.approx(-1.0)
    assert compare(unit(1, 1), unit(1, 0)) == pytest.approx(0.7071, abs=1e-4)


def test_likeness_never_leaves_its_range_by_rounding() -> None:
    dice = np.random.default_rng(3)
    for _ in range(500):
        one = unit(*dice.normal(size=256))
        assert -1.0 <= compare(one, one) <= 1.0


def test_a_mean_has_unit_length() -> None:
    assert np.linalg.norm(mean_embedding([unit(1, 0), unit(0, 1), unit(1, 1)])) == pytest.approx(1.0)


@pytest.mark.parametrize("answer", [np.zeros(256), np.full(256, np.nan), np.full(256, np.inf), np.full(256, 1e-12)])
def test_an_embedding_without_direction_is_an_error(answer: np.ndarray) -> None:
    network = Answering(lambda _: (answer.astype(np.float32)[None],))

    with pytest.raises(EmbeddingInvalidError):
        Embedder(network).embed(np.zeros((CROP_PX, CROP_PX, 3), dtype=np.uint8))


def test_opposite_embeddings_have_no_mean() -> None:
    with pytest.raises(EmbeddingInvalidError):
        mean_embedding([unit(1, 0), unit(-1, 0)])


@pytest.fixture(scope="module")
def people(footage_dir: Path) -> list[Pixels]:
    """One picture each of four people of the clips and eight of the portraits."""
    others = [read(path) for path in portraits(footage_dir, 45)]
    return [picture_at(footage_dir / clip, 0.3) for clip in CLIPS] + others[:8]


def embed(picture: Pixels, engine: Engine) -> Embedding:
    return engine.embedder.embed(engine.aligner.crop(picture, engine.detector.find(picture)[0]))


@weights
@footage
def test_detector_and_aligner_see_the_five_points_in_the_same_places(people: list[Pixels], engine: Engine) -> None:
    """Two networks that were made apart: within 12 % of the eye distance on the median of the people, 30 % at worst."""
    strays = []
    for picture in people:
        face = only(engine.detector.find(picture))
        apart = np.linalg.norm(engine.aligner.points(picture, face) - face.points, axis=1) / face.eye_distance_px
        strays.append(apart)

    assert np.median(strays, axis=0).max() < 0.12
    assert np.max(strays) < 0.30


@weights
@footage
def test_a_mirrored_face_is_aligned_to_the_mirrored_points(people: list[Pixels], engine: Engine) -> None:
    for picture in people:
        mirrored = np.ascontiguousarray(picture[:, ::-1])
        face, other = only(engine.detector.find(picture)), only(engine.detector.find(mirrored))

        expected = engine.aligner.points(picture, face)[[1, 0, 2, 4, 3]]
        expected[:, 0] = picture.shape[1] - 1 - expected[:, 0]
        assert engine.aligner.points(mirrored, other) == pytest.approx(expected, abs=0.15 * face.eye_distance_px)


@weights
@footage
def test_the_crop_has_the_points_in_standard_position(people: list[Pixels], engine: Engine) -> None:
    for picture in people:
        face = only(engine.detector.find(picture))
        points = engine.aligner.points(picture, face)
        placed = apply_map(similarity_map(points, TEMPLATE * CROP_PX), points)

        assert placed == pytest.approx(TEMPLATE * CROP_PX, abs=12)
        crop = engine.aligner.crop(picture, face)
        assert crop.shape == (CROP_PX, CROP_PX, 3)
        assert not crop.flags.writeable


@weights
@footage
def test_a_face_at_the_border_can_be_aligned(people: list[Pixels], engine: Engine) -> None:
    for picture in people[:4]:
        face = only(engine.detector.find(picture))
        square = square_around(face.box, 1.0)
        cut = np.ascontiguousarray(picture[max(0, round(square.top_px + 0.15 * square.height_px)) :])
        for again in engine.detector.find(cut)[:1]:
            points = engine.aligner.points(cut, again)
            assert np.isfinite(points).all()
            assert (points > -5).all()


@weights
@footage
def test_an_embedding_has_unit_length_and_is_its_own_likeness(people: list[Pixels], engine: Engine) -> None:
    for picture in people[:6]:
        one, again = embed(picture, engine), embed(picture.copy(), engine)

        assert one.shape == (256,)
        assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-5)
        assert compare(one, again) == pytest.approx(1.0, abs=1e-6)


@weights
@footage
def test_a_mirrored_picture_is_the_same_person(people: list[Pixels], engine: Engine) -> None:
    for picture in people[:6]:
        assert compare(embed(picture, engine), embed(np.ascontiguousarray(picture[:, ::-1]), engine)) > 0.95


@weights
@footage
@pytest.mark.parametrize("change", [lit(0.6), lit(1.2), blurred(1.0), turned(8), turned(-15)], ids=range(5))
def test_light_softness_and_tilt_change_a_face_little(people: list[Pixels], engine: Engine, change: object) -> None:
    assert callable(change)
    for picture in people[:6]:
        assert compare(embed(picture, engine), embed(change(picture), engine)) > 0.85


@weights
@footage
def test_different_people_of_the_clips_are_far_from_alike(footage_dir: Path, engine: Engine) -> None:
    embeddings = [embed(picture_at(footage_dir / clip, 0.3), engine) for clip in CLIPS]

    assert max(compare(one, other) for one, other in combinations(embeddings, 2)) < 0.3


@weights
@footage
def test_one_man_on_two_recordings_is_alike(footage_dir: Path, engine: Engine) -> None:
    live = embed(picture_at(footage_dir / "pad/clips/wolf_live_blinks.mp4", 0.5), engine)
    filmed = embed(picture_at(footage_dir / "pad/clips/wolf_replay_moire.mp4", 0.6), engine)

    assert compare(live, filmed) > engine.rules.thresholds.match + 0.1


def test_a_square_keeps_centre_and_longer_side() -> None:
    square = square_around(Box(10, 20, 30, 50), 2.0)

    assert square.centre == (25.0, 45.0)
    assert (square.width_px, square.height_px) == (100.0, 100.0)


def test_a_detection_of_no_width_does_not_stop_the_aligner() -> None:
    network = Answering(lambda _: (np.full((1, 10), 0.5, dtype=np.float32),))
    face = Detection(Box(319.9, 239.9, 0.01, 0.01), np.zeros((5, 2), dtype=np.float32), 0.9)

    crop = Aligner(network).crop(np.zeros((240, 320, 3), dtype=np.uint8), face)

    assert crop.shape == (CROP_PX, CROP_PX, 3)
