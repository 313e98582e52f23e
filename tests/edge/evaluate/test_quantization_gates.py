"""What each gate of an INT8 file lets through and what not: made-up answers to pictures that bear a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from edge.engine import Sight
from edge.evaluate.pairs import Pair
from edge.evaluate.quantization.detection import judge_detector
from edge.evaluate.quantization.embedding import Bout, judge_embedder
from edge.evaluate.quantization.gate import Judged
from edge.evaluate.quantization.material import Material
from edge.evaluate.quantization.texture import judge_texture
from edge.flow import Box, Cue, CueKind, Detection, LivenessScore
from edge.imaging import Pixels
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from edge.stages.match import Crops, Embedder, Embedding, Points
from edge.stages.texture import TextureProbe

COUNT = 200
FACE = Detection(Box(10, 10, 100, 100), np.array([[0, 0], [40, 0], [20, 20], [5, 40], [35, 40]], np.float32), 0.9)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Pictures 0.png to 199.png, of the brightness of their number."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(COUNT):
        assert cv2.imwrite(str(folder / f"{number}.png"), np.full((8, 8, 3), number, np.uint8))
    return Material(tuple(folder / f"{number}.png" for number in range(COUNT)), folder, ())


@dataclass(frozen=True)
class Looking:
    """Finds these faces in the picture of a number."""

    faces: Callable[[int], tuple[Detection, ...]] = lambda _: (FACE,)

    def find_in_still(self, bgr: Pixels) -> tuple[Detection, ...]:
        return self.faces(int(bgr[0, 0, 0]))

    def points(self, bgr: Pixels, face: Detection) -> Points:
        return face.points


@dataclass(frozen=True)
class Turned:
    """Answers a vector that is turned by an angle, of the picture of a number; only what a gate asks of an embedder."""

    degrees: Callable[[int], float]

    def crops(self, bgr: Pixels, points: Points) -> Crops:
        return (bgr,)

    def embed_still(self, crops: Crops) -> Embedding:
        angle = np.radians(self.degrees(int(crops[0][0, 0, 0])))
        return Embedding(np.array([np.cos(angle), np.sin(angle)], np.float32))


@dataclass(frozen=True)
class Scoring:
    """Gives the picture of a number a score."""

    score: Callable[[int], float]

    def probe(self, bgr: Pixels, face: Detection, captured_ns: int) -> Cue:
        return Cue(CueKind.TEXTURE, LivenessScore(self.score(int(bgr[0, 0, 0]))), captured_ns)


SIGHT = Sight(cast(Detector, Looking()), cast(Aligner, Looking()), 0.5)


def embedders_judged(found: Callable[[int], float], material: Material, threshold: float = 0.5) -> Judged:
    """Of an embedder that says the same of all, and of one that turns its answers."""
    true, other = (cast(Embedder, Turned(each)) for each in (lambda _: 0.0, found))
    return judge_embedder(Bout(true, other, slice(0, 2), threshold), SIGHT, [material if material.pairs else few(material)])


def few(material: Material) -> Material:
    """Twenty pictures, which are 190 pairs."""
    return replace(material, files=material.files[:20])


def test_answers_may_turn_a_little_on_average(pictures: Material) -> None:
    assert embedders_judged(lambda _: 9.0, pictures).passed
    (reason,) = embedders_judged(lambda _: 11.0, pictures).reasons
    assert reason == "the mean cosine is 0.9816, at least 0.985 is needed"


def test_no_answer_may_turn_far(pictures: Material) -> None:
    assert embedders_judged(lambda number: 21.0 if number == 7 else 0.0, pictures).passed
    (reason,) = embedders_judged(lambda number: 22.0 if number == 7 else 0.0, pictures).reasons
    assert reason == "the least cosine is 0.9272, at least 0.93 is needed"


def test_only_the_part_of_the_quantized_network_is_held_against_the_float_one(pictures: Material) -> None:
    bout = Bout(cast(Embedder, Turned(lambda _: 0.0)), cast(Embedder, Turned(lambda _: 20.0)), slice(0, 1), 0.5)

    assert judge_embedder(bout, SIGHT, [few(pictures)]).figures["mean_cosine"] == pytest.approx(1)


def test_misses_may_rise_by_three_in_a_thousand_of_the_pairs_of_one_person(pictures: Material) -> None:
    """One that turns by 20 degrees is missed at a threshold of 0.95; of 400 changed decisions two are allowed."""
    strangers = tuple(Pair(f"{one}.png", f"{one + 1}.png", same=False) for one in range(2, 198))
    of_one = (Pair("0.png", "1.png", same=True),)

    def judged_with(genuine: int) -> Judged:
        names = [(one, other) for one in range(2, 32) for other in range(32, 62)][: genuine - 1]
        pairs = (*of_one, *(Pair(f"{one}.png", f"{other}.png", same=True) for one, other in names), *strangers)
        return embedders_judged(lambda number: 20.0 if number == 0 else 0.0, replace(pictures, pairs=pairs), 0.95)

    assert judged_with(400).passed
    (reason,) = judged_with(300).reasons
    assert reason == "misses rise by 0.33%, at most 0.3% may"


def detectors_judged(found: Callable[[int], tuple[Detection, ...]], material: Material) -> Judged:
    return judge_detector(cast(Detector, Looking()), cast(Detector, Looking(found)), [material])


def moved(by_px: float) -> Detection:
    return replace(FACE, box=Box(10 + by_px, 10, 100, 100), points=FACE.points + np.float32(4))


def test_a_face_that_only_the_quantized_detector_sees_is_a_changed_decision(pictures: Material) -> None:
    far = replace(FACE, box=Box(500, 500, 100, 100))

    found = detectors_judged(lambda number: (FACE, far) if number < 2 else (FACE,), pictures)

    assert (found.figures["missed"], found.figures["added"], found.flips.errors, found.flips.of) == (0, 2, 2, 202)
    assert not found.passed


def test_a_box_that_lies_elsewhere_is_another_face(pictures: Material) -> None:
    near, elsewhere = (detectors_judged(lambda _, px=px: (moved(px),), pictures) for px in (30.0, 40.0))  # type: ignore[misc]

    assert (near.flips.errors, near.passed) == (0, True)
    assert near.figures["mean_overlap"] == pytest.approx(70 / 130)
    assert near.figures["mean_point_shift"] == pytest.approx(np.hypot(4, 4) / 40)
    assert (elsewhere.figures["missed"], elsewhere.figures["added"]) == (COUNT, COUNT)


def test_of_several_ways_to_run_a_texture_network_the_worst_counts(pictures: Material) -> None:
    true, same, other = (
        cast(TextureProbe, Scoring(each)) for each in (lambda _: 0.9, lambda _: 0.85, lambda number: 0.2 if number < 2 else 0.9)
    )

    found = judge_texture(true, [other, same], SIGHT, [pictures], 0.5)

    assert (found.flips.errors, found.flips.of, found.passed) == (2, COUNT, False)
    assert found.figures["largest_shift"] == pytest.approx(0.7)
    assert judge_texture(true, [same], SIGHT, [pictures], 0.5).passed


def test_pictures_without_a_face_are_no_decisions(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "0.png"), np.zeros((8, 8, 3), np.uint8))
    blind = Sight(cast(Detector, Looking(lambda _: ())), SIGHT.aligner, 0.5)
    probe = cast(TextureProbe, Scoring(lambda _: 0.9))

    found = judge_texture(probe, [probe], blind, [Material((tmp_path / "0.png",), tmp_path, ())], 0.5)

    assert (found.flips.of, found.passed) == (0, False)
