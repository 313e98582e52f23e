"""How far eyes and mouth are open: the ratios on a made-up mesh, and on recordings whose blinks were marked by eye."""

from __future__ import annotations

import csv
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from edge.engine import Engine
from edge.errors import LivenessBrokenError
from edge.stages.landmarks import (
    LEFT_EYE,
    LOWER_LIP,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    RIGHT_EYE,
    UPPER_LIP,
    Mesh,
    MeshFitter,
    Openness,
    openness,
)
from firmware.twin.camera import Clip
from models.graph import rewritten_variant
from models.runtime import network_of
from models.store import ModelStore
from tests.edge.footage import Pixels, Set, only, picture_at, portraits, read, staged, turned
from tests.edge.observations import FACE
from tests.fakes.networks import Answering

weights = pytest.mark.weights
footage = pytest.mark.footage


def mesh(eyes: float, mouth: float, scale: float = 1.0, turn_deg: float = 0.0) -> Mesh:
    """A mesh with these ratios, at any size and tilt."""
    points = np.zeros((478, 3), dtype=np.float32)
    for (outer, upper_one, upper_two, inner, lower_two, lower_one), x in ((RIGHT_EYE, 0.0), (LEFT_EYE, 60.0)):
        points[outer, :2], points[inner, :2] = (x, 0), (x + 30, 0)
        points[upper_one, :2], points[upper_two, :2] = (x + 10, -15 * eyes), (x + 20, -15 * eyes)
        points[lower_one, :2], points[lower_two, :2] = (x + 10, 15 * eyes), (x + 20, 15 * eyes)
    points[MOUTH_RIGHT, :2], points[MOUTH_LEFT, :2] = (20, 80), (70, 80)
    points[UPPER_LIP, :2], points[LOWER_LIP, :2] = (45, 80 - 25 * mouth), (45, 80 + 25 * mouth)
    angle = np.radians(turn_deg)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    points[:, :2] = points[:, :2] @ spin.T
    return Mesh(points)


@pytest.mark.parametrize("turn_deg", [0, 20, -35])
@pytest.mark.parametrize("scale", [0.5, 1, 3])
def test_the_ratios_do_not_depend_on_size_or_tilt(scale: float, turn_deg: float) -> None:
    seen = openness(mesh(0.28, 0.6, scale, turn_deg))

    assert (seen.eyes, seen.mouth) == pytest.approx((0.28, 0.6), abs=1e-4)


def test_closed_is_zero() -> None:
    assert openness(mesh(0.0, 0.0)) == Openness(0.0, 0.0)


def test_a_mesh_of_one_point_does_not_divide_by_zero() -> None:
    seen = openness(Mesh(np.zeros((478, 3), dtype=np.float32)))

    assert (seen.eyes, seen.mouth) == (0.0, 0.0)


def answering(presence: float) -> MeshFitter:
    points = np.zeros((1, 1, 1, 1434), dtype=np.float32)
    return MeshFitter(Answering(lambda _: (points, np.full((1, 1, 1, 1), presence, dtype=np.float32))))


BLANK = np.zeros((240, 320, 3), dtype=np.uint8)


def test_where_the_network_sees_no_face_there_is_no_mesh() -> None:
    assert answering(-3.0).fit(BLANK, FACE) is None
    assert answering(20.0).fit(BLANK, FACE) is not None


@pytest.mark.parametrize("presence", [np.nan, np.inf, -np.inf])
def test_a_presence_that_is_no_number_is_a_broken_step(presence: float) -> None:
    with pytest.raises(LivenessBrokenError, match="action"):
        answering(presence).fit(BLANK, FACE)


def seen_at(frame: Pixels, engine: Engine) -> Openness:
    """Eyes and mouth of the face of a frame; fails where the network sees none."""
    found = engine.mesh.fit(frame, engine.detector.find(frame)[0])
    assert found is not None
    return openness(found)


def marked(footage_dir: Path, folder: str, event: str) -> list[tuple[Path, float]]:
    """Recordings and the middle of each marked event, seconds."""
    with (footage_dir / folder / "events.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["event"] == event]
    return [(footage_dir / folder / row["file"], (float(row["start_s"]) + float(row["end_s"])) / 2) for row in rows]


@weights
@footage
@pytest.mark.parametrize("folder", ["clips", "pad"])
def test_eyes_are_shut_at_the_blinks_that_were_marked_by_eye(footage_dir: Path, engine: Engine, folder: str) -> None:
    """Every blink marked closely (within the first 5 s; later ones are marked to 0.1 s only) shuts to below 0.6 of resting."""
    blinks = [(clip, at_s) for clip, at_s in marked(footage_dir, folder, "blink") if at_s < 5 and "replay" not in clip.name]
    missed = []
    for clip, at_s in blinks:
        around = [shot.bgr for shot in Clip(clip).shots(round((at_s - 0.5) * 1e9), round((at_s + 0.15) * 1e9))]
        eyes = [seen_at(frame, engine).eyes for frame in around[::2]]
        if min(eyes) > 0.6 * median(eyes):
            missed.append((clip.name, at_s, min(eyes), median(eyes)))

    assert len(blinks) >= 3
    assert missed == []


@weights
@footage
def test_a_mouth_is_open_where_it_was_marked_and_shut_before(footage_dir: Path, engine: Engine) -> None:
    clip = footage_dir / "clips/lp_d18_mouth_open.mp4"

    ratios = [seen_at(picture_at(clip, at_s), engine).mouth for at_s in (0.5, 2.7, 3.6, 4.5, 6.5)]

    assert [ratio > 0.45 for ratio in ratios] == [False, True, False, True, False]
    assert [ratio < 0.25 for ratio in ratios] == [True, False, True, False, True]


@weights
@footage
def test_the_network_rewritten_for_onnxruntime_sees_the_same_face(
    footage_dir: Path, engine: Engine, model_store: ModelStore
) -> None:
    card = model_store.card("landmarks478")
    variant, made = rewritten_variant(card, model_store.path("landmarks478").read_bytes())
    other = MeshFitter(network_of(variant.card_of(card), made))
    frames = [picture_at(footage_dir / "clips/lp_d18_mouth_open.mp4", at_s) for at_s in (0.5, 2.7, 4.5)]

    for frame in frames:
        face = engine.detector.find(frame)[0]
        one, same = engine.mesh.fit(frame, face), other.fit(frame, face)
        assert one is not None
        assert same is not None
        assert np.abs(one.points - same.points).max() < 0.05


@weights
@footage
def test_a_mirrored_face_is_as_open(footage_dir: Path, engine: Engine) -> None:
    frame = picture_at(footage_dir / "clips/lp_d18_mouth_open.mp4", 2.7)
    one, other = seen_at(frame, engine), seen_at(np.ascontiguousarray(frame[:, ::-1]), engine)

    assert other.eyes == pytest.approx(one.eyes, abs=0.04)
    assert other.mouth == pytest.approx(one.mouth, abs=0.1)


@weights
@footage
@pytest.mark.parametrize("degrees", [-15, 15])
def test_a_tilted_face_is_as_open(footage_dir: Path, engine: Engine, degrees: float) -> None:
    frame = staged(read(next(portraits(footage_dir, 60))), engine.detector, Set(eye_distance_px=80))
    one, other = seen_at(frame, engine), seen_at(turned(degrees)(frame), engine)

    assert other.eyes == pytest.approx(one.eyes, abs=0.05)
    assert other.mouth == pytest.approx(one.mouth, abs=0.06)


@weights
@footage
def test_there_is_no_mesh_on_bottles(footage_dir: Path, engine: Engine) -> None:
    frame = picture_at(footage_dir / "clips/intel_no_face.mp4", 3.0)

    assert engine.mesh.fit(frame, FACE) is None


@weights
@footage
def test_all_points_of_a_mesh_lie_about_the_face(footage_dir: Path, engine: Engine) -> None:
    frame = staged(read(next(portraits(footage_dir, 60))), engine.detector)
    found = engine.mesh.fit(frame, only(engine.detector.find(frame)))

    assert found is not None
    assert found.points.shape == (478, 3)
    assert found.points[:, :2].min() >= 0
    assert found.points[:, :2].max() <= 256
