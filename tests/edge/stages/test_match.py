"""Alignment and embeddings: what must hold for any face, and the distances between real people."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from edge.engine import Engine, open_eyes
from edge.errors import EmbeddingInvalidError
from edge.flow import Box, Detection
from edge.imaging import apply_map, similarity_map
from edge.reference import Eyes, embed_face
from edge.stages.align import Aligner, square_around
from edge.stages.match import Embedding, NetworkEmbedder, NetworkPart, compare, least_agreement, mean_embedding
from models.card import Colour, FaceInput
from models.matcher import DEFAULT_MATCHER
from models.store import ModelStore
from tests.edge.footage import CLIPS, Pixels, blurred, lit, only, picture_at, portraits, read, turned
from tests.edge.stages.embedder_contract import check
from tests.fakes.networks import Answering
from tests.fakes.stage import MATCHER, embedder_of

weights = pytest.mark.weights
footage = pytest.mark.footage

GREY, WHITE = (np.full((64, 64, 3), level, dtype=np.uint8) for level in (127, 255))


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
        embedder_of(network).embed_still((GREY,))
    with pytest.raises(EmbeddingInvalidError):
        embedder_of(network).embed_shots([(GREY,)])


def test_two_networks_share_the_similarity() -> None:
    """The cosine of joined embeddings is the weighted sum of the cosines of the networks."""
    sure, unsure = Answering(lambda fed: (one_or_other(fed, 1.0),)), Answering(lambda fed: (one_or_other(fed, 0.0),))
    embedder = embedder_of(sure, unsure, dimension=2)

    dark, light = embedder.embed_still((GREY, GREY)), embedder.embed_still((WHITE, WHITE))

    assert compare(dark, light) == pytest.approx(0.5 * 1.0 + 0.5 * 0.0, abs=1e-6)
    assert np.linalg.norm(dark) == pytest.approx(1.0, abs=1e-6)


def test_each_network_has_as_much_say_as_its_weight() -> None:
    sure, unsure = Answering(lambda fed: (one_or_other(fed, 1.0),)), Answering(lambda fed: (one_or_other(fed, 0.0),))
    even = embedder_of(sure, unsure, dimension=2)
    embedder = replace(even, parts=(replace(even.parts[0], weight=0.75), replace(even.parts[1], weight=0.25)))

    dark, light = embedder.embed_still((GREY, GREY)), embedder.embed_still((WHITE, WHITE))

    assert compare(dark, light) == pytest.approx(0.75, abs=1e-6)


def one_or_other(fed: np.ndarray, alike: float) -> np.ndarray:
    """For a grey crop the first axis, for a white one a vector as alike to it as said."""
    vector = [1.0, 0.0] if fed.max() < 200 else [alike, (1 - alike**2) ** 0.5]
    return np.array([vector], dtype=np.float32)


def test_a_still_is_seen_both_ways_and_shots_by_turns() -> None:
    seen: list[float] = []
    network = Answering(lambda fed: (seen.append(float(fed[0, 0, 0, 0])), np.ones((1, 4), dtype=np.float32))[1:])
    half = GREY.copy()
    half[:, half.shape[1] // 2 :] = 255

    embedder_of(network, dimension=4).embed_still((half,))
    embedder_of(network, dimension=4).embed_shots([(half,)] * 3)

    assert seen == [127, 255, 127, 255, 127]


@pytest.mark.parametrize(("colour", "first"), [(Colour.BGR, 10.0), (Colour.RGB, 30.0)])
def test_channels_come_in_the_order_of_the_card_and_scaled_as_it_says(colour: Colour, first: float) -> None:
    fed: list[np.ndarray] = []
    network = Answering(lambda tensor: (fed.append(tensor), np.ones((1, 4), dtype=np.float32))[1:])
    points = ((20.0, 20.0), (44.0, 20.0), (32.0, 32.0), (24.0, 44.0), (40.0, 44.0))
    face = FaceInput(64, points, mean=(1.0, 2.0, 3.0), deviation=(2.0, 2.0, 2.0))
    crop = np.full((64, 64, 3), (10, 20, 30), dtype=np.uint8)

    NetworkEmbedder(MATCHER, (NetworkPart(network, face, colour, 4, 1.0),)).embed_shots([(crop,)])

    assert fed[0].shape == (1, 3, 64, 64)
    assert fed[0][0, 0, 0, 0] == pytest.approx((first - 1.0) / 2.0)


@pytest.mark.parametrize("others", [1, 3, 7])
def test_one_shot_of_somebody_else_agrees_with_no_other(others: int) -> None:
    assert least_agreement([unit(1, 0)] * others + [unit(0, 1)]) == pytest.approx(0.0)


def test_one_odd_comparison_does_not_make_a_stranger() -> None:
    apart, near, middle = unit(1, 0), unit(0.5, 0.8660254), unit(0.8660254, 0.5)

    assert least_agreement([apart, near, middle, middle]) > 0.8


def test_a_single_shot_agrees_with_itself() -> None:
    assert least_agreement([unit(1, 0)]) == 1.0


def test_opposite_embeddings_have_no_mean() -> None:
    with pytest.raises(EmbeddingInvalidError):
        mean_embedding([unit(1, 0), unit(-1, 0)])


@pytest.fixture(scope="module")
def people(footage_dir: Path) -> list[Pixels]:
    """One picture each of four people of the clips and eight of the portraits."""
    others = [read(path) for path in portraits(footage_dir, 45)]
    return [picture_at(footage_dir / clip, 0.3) for clip in CLIPS] + others[:8]


def embed(picture: Pixels, engine: Engine) -> Embedding:
    return embed_face(picture, engine.detector.find(picture)[0], Eyes(engine.detector, engine.aligner, engine.embedder))


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
def test_every_network_gets_its_crop_with_the_points_where_it_wants_them(
    people: list[Pixels], engine: Engine, model_store: ModelStore
) -> None:
    faces = [face for part in model_store.matcher(DEFAULT_MATCHER).parts if (face := model_store.card(part.network).face)]
    assert faces
    for picture in people:
        points = engine.aligner.points(picture, only(engine.detector.find(picture)))
        for face, crop in zip(faces, engine.embedder.crops(picture, points), strict=True):
            wanted = np.array(face.points, dtype=np.float32)
            assert apply_map(similarity_map(points, wanted), points) == pytest.approx(wanted, abs=0.1 * face.crop_px)
            assert crop.shape == (face.crop_px, face.crop_px, 3)
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

        assert one.shape == (768,)
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


@weights
@footage
def test_every_listed_matcher_whose_weights_are_here_keeps_the_contract_of_embedders(
    people: list[Pixels], engine: Engine, model_store: ModelStore
) -> None:
    faces = [(picture, engine.aligner.points(picture, only(engine.detector.find(picture)))) for picture in people[:4]]
    names = [name for name, card in model_store.manifest.matchers.items() if "sface" not in card.networks]
    assert DEFAULT_MATCHER in names

    for name in names:
        check(open_eyes(model_store, model_store.matcher(name)).embedder, faces)


def test_a_made_up_embedder_keeps_the_contract_too() -> None:
    network = Answering(lambda fed: (fed[:, :, ::16, ::16].reshape(1, -1) + np.arange(48, dtype=np.float32),))
    pictures = np.random.default_rng(8).integers(100, 140, (2, 240, 320, 3)).astype(np.uint8)
    points = np.array([[125, 100], [165, 100], [145, 120], [130, 140], [160, 140]], dtype=np.float32)

    check(embedder_of(network, dimension=48), [(picture, points) for picture in pictures])


def test_an_answer_of_another_length_is_no_embedding() -> None:
    with pytest.raises(EmbeddingInvalidError):
        embedder_of(Answering(lambda _: (np.ones((1, 5), np.float32),)), dimension=4).embed_still((GREY,))


def test_a_square_keeps_centre_and_longer_side() -> None:
    square = square_around(Box(10, 20, 30, 50), 2.0)

    assert square.centre == (25.0, 45.0)
    assert (square.width_px, square.height_px) == (100.0, 100.0)


def test_a_detection_of_no_width_does_not_stop_the_aligner() -> None:
    network = Answering(lambda _: (np.full((1, 10), 0.5, dtype=np.float32),))
    face = Detection(Box(319.9, 239.9, 0.01, 0.01), np.zeros((5, 2), dtype=np.float32), 0.9)

    points = Aligner(network).points(np.zeros((240, 320, 3), dtype=np.uint8), face)

    assert points.shape == (5, 2)
    assert np.isfinite(points).all()
