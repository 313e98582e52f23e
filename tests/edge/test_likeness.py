"""Classes of reference are compared apart; pictures of one person must agree, and several of one class count as one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.engine import Engine
from edge.errors import ReferenceUnusableError
from edge.flow import LivenessScore, Similarity
from edge.likeness import Standard, best_match, read_standards
from edge.reference import Portrait, embed_only_face
from edge.rules import Rules, Thresholds
from edge.stages.match import Embedding, compare, mean_embedding
from tests.edge.footage import picture_at
from tests.edge.observations import RULES
from tests.fakes.networks import Answering
from tests.fakes.stage import Scene, Stage
from wire.reference import ReferenceClass

DOCUMENT, SUPERVISED = ReferenceClass
LIVE, REPLAY, STRANGER = "pad/clips/wolf_live_blinks.mp4", "pad/clips/wolf_replay_moire.mp4", "clips/lp_d0_smile_blink.mp4"


def thresholds(match: float, review_from: float, reference_class: ReferenceClass) -> Thresholds:
    return Thresholds(0.6, Similarity(match), Similarity(review_from), LivenessScore(0.9), reference_class)


OF_DOCUMENTS, OF_SUPERVISED = thresholds(0.54, 0.44, DOCUMENT), thresholds(0.60, 0.50, SUPERVISED)
RULES_OF: Mapping[ReferenceClass, Rules] = {
    DOCUMENT: replace(RULES, thresholds=OF_DOCUMENTS),
    SUPERVISED: replace(RULES, thresholds=OF_SUPERVISED),
}


def direction(degrees: float) -> Embedding:
    """A unit vector; the cosine of two is that of the angle between them."""
    return Embedding(np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))], dtype=np.float32))


def cosine(degrees: float) -> float:
    return math.cos(math.radians(degrees))


VISITOR = direction(0)


@pytest.mark.parametrize(
    ("document_deg", "supervised_deg", "counts"),
    [
        (50.0, 40.0, SUPERVISED),  # 0.643 - 0.54 against 0.766 - 0.60
        (40.0, 40.0, DOCUMENT),  # the same similarity, the lower threshold
        (40.0, 35.0, DOCUMENT),  # 0.766 - 0.54 against 0.819 - 0.60
        (60.0, 80.0, DOCUMENT),  # both below: the one that misses least
        (10.0, 90.0, DOCUMENT),
        (90.0, 10.0, SUPERVISED),
    ],
)
def test_the_class_whose_threshold_is_exceeded_most_decides(
    document_deg: float, supervised_deg: float, counts: ReferenceClass
) -> None:
    standards = Standard(direction(document_deg), OF_DOCUMENTS), Standard(direction(supervised_deg), OF_SUPERVISED)

    for order in (standards, standards[::-1]):
        match = best_match(VISITOR, order)

        limits = OF_DOCUMENTS if counts is DOCUMENT else OF_SUPERVISED
        assert match.reference_class is counts
        assert (match.threshold, match.review_from) == (limits.match, limits.review_from)
        assert match.similarity == pytest.approx(cosine(document_deg if counts is DOCUMENT else supervised_deg), abs=1e-6)


def test_a_similarity_that_is_no_number_is_never_outweighed() -> None:
    broken = Standard(Embedding(np.array([math.nan, 0.0], dtype=np.float32)), OF_SUPERVISED)
    good = Standard(VISITOR, OF_DOCUMENTS)

    assert math.isnan(best_match(VISITOR, [good, broken]).similarity)
    assert math.isnan(best_match(VISITOR, [broken, good]).similarity)


def standards_of(seen: Sequence[tuple[ReferenceClass, float]]) -> tuple[Standard, ...]:
    """What is read from portraits that the matcher sees in these directions, one after the other."""
    stage = Stage(lambda _: Scene())
    answers: list[NDArray[np.float32]] = [direction(degrees) for _, degrees in seen for _ in range(2)]
    remaining = iter(answers)
    eyes = stage.engine(embedder=Answering(lambda _: (padded(next(remaining))[None],))).eyes
    noise = np.random.default_rng(1).integers(60, 200, (240, 320, 3), dtype=np.uint8)
    return read_standards([Portrait(noise, each) for each, _ in seen], RULES_OF, eyes)


def padded(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """As long as an embedding of the stage."""
    return np.pad(vector, (0, 254))


def angle(standard: Standard) -> float:
    """The direction of a standard in degrees."""
    return math.degrees(math.atan2(float(standard.embedding[1]), float(standard.embedding[0])))


def test_pictures_of_one_class_count_as_their_mean_and_classes_stay_apart() -> None:
    standards = standards_of([(DOCUMENT, 0.0), (SUPERVISED, 10.0), (DOCUMENT, 30.0)])

    assert [standard.thresholds for standard in standards] == [OF_DOCUMENTS, OF_SUPERVISED]
    assert [round(angle(standard), 3) for standard in standards] == [15.0, 10.0]


def test_one_picture_is_its_own_mean() -> None:
    (standard,) = standards_of([(SUPERVISED, 25.0)])

    assert angle(standard) == pytest.approx(25.0, abs=1e-3)
    assert standard.thresholds is OF_SUPERVISED


@pytest.mark.parametrize(
    "seen",
    [
        [(DOCUMENT, 0.0), (DOCUMENT, 65.0)],
        [(DOCUMENT, 0.0), (SUPERVISED, 65.0)],
        [(SUPERVISED, 65.0), (DOCUMENT, 0.0)],
        [(SUPERVISED, 0.0), (SUPERVISED, 62.0)],
        [(DOCUMENT, 0.0), (DOCUMENT, 35.0), (DOCUMENT, 70.0)],
    ],
)
def test_pictures_that_do_not_show_one_person_for_sure_cannot_be_used(seen: list[tuple[ReferenceClass, float]]) -> None:
    with pytest.raises(ReferenceUnusableError, match="may not show the same person"):
        standards_of(seen)


def test_pictures_that_agree_by_the_review_threshold_of_their_kind_can_be_used() -> None:
    """62 degrees is 0.469: above the 0.44 of documents, below the 0.50 of supervised pictures."""
    assert len(standards_of([(DOCUMENT, 0.0), (SUPERVISED, 62.0)])) == 2
    assert len(standards_of([(SUPERVISED, 0.0), (DOCUMENT, 62.0)])) == 2
    assert len(standards_of([(DOCUMENT, 0.0), (DOCUMENT, 62.0)])) == 1


def test_the_mean_of_several_pictures_is_nearer_to_a_face_than_each_of_them() -> None:
    views = [direction(-30.0), direction(30.0)]

    assert compare(VISITOR, mean_embedding(views)) > max(compare(VISITOR, view) for view in views)


# With real faces


@pytest.mark.weights
@pytest.mark.footage
def test_two_pictures_of_one_man_are_one_reference_and_a_picture_of_another_is_noticed(footage_dir: Path, engine: Engine) -> None:
    shipped = {DOCUMENT: engine.rules}
    man = [Portrait(picture_at(footage_dir / clip, at_s), DOCUMENT) for clip, at_s in ((LIVE, 0.5), (REPLAY, 0.6))]
    stranger = Portrait(picture_at(footage_dir / STRANGER, 0.5), DOCUMENT)

    (standard,) = read_standards(man, shipped, engine.eyes)

    assert min(compare(standard.embedding, embed_only_face(one.bgr, engine.eyes)) for one in man) > 0.8
    with pytest.raises(ReferenceUnusableError, match="may not show the same person"):
        read_standards([*man, stranger], shipped, engine.eyes)
