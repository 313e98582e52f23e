"""The mean face in space: numbers that are checked before anybody measures by them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.errors import NumbersUnreadableError
from models.face_shape import VERTICES, read_mean_face
from models.store import ModelStore
from tests.models.made_up import card

NOSE_TIP, CHIN, FOREHEAD = 1, 152, 10
"""Of the mesh of 468 points."""


def file_of(folder: Path, content: object) -> Path:
    path = folder / "face.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_up_in_the_file_is_down_here(tmp_path: Path) -> None:
    points = [[number, 2.0 * number, -1.0] for number in range(VERTICES)]

    read = read_mean_face(card(), file_of(tmp_path, {"canonical_face_xyz_468": points}))

    assert read.shape == (VERTICES, 3)
    assert read[3].tolist() == [3.0, -6.0, -1.0]


GOOD = [[0.0, 0.0, 0.0]] * VERTICES


@pytest.mark.parametrize(
    "listed",
    [
        None,
        [],
        7,
        "points",
        GOOD[:-1],
        [*GOOD, GOOD[0]],
        [[0.0, 0.0]] * VERTICES,
        [*GOOD[:-1], [0.0, 0.0]],
        [*GOOD[:-1], [0.0, 0.0, float("nan")]],
        [*GOOD[:-1], [0.0, float("inf"), 0.0]],
        [*GOOD[:-1], [0.0, "x", 0.0]],
        [*GOOD[:-1], [0.0, {}, 0.0]],
    ],
)
def test_a_list_of_anything_else_than_so_many_points_is_refused(tmp_path: Path, listed: object) -> None:
    with pytest.raises(NumbersUnreadableError, match=r"model tiny, file tiny\.onnx: "):
        read_mean_face(card(), file_of(tmp_path, {"canonical_face_xyz_468": listed}))


@pytest.mark.parametrize("content", [{}, [], "face", {"canonical_face_xyz": GOOD}])
def test_a_file_without_the_list_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(NumbersUnreadableError, match=f"no list of {VERTICES} points"):
        read_mean_face(card(), file_of(tmp_path, content))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xff"])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "face.json"
    path.write_bytes(content)

    with pytest.raises(NumbersUnreadableError):
        read_mean_face(card(), path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NumbersUnreadableError):
        read_mean_face(card(), tmp_path / "nowhere.json")


@pytest.mark.weights
def test_the_face_that_ships_looks_at_the_camera_and_stands_upright(model_store: ModelStore) -> None:
    face = read_mean_face(model_store.card("face_constants"), model_store.path("face_constants"))

    assert np.argmax(face[:, 2]) in (1, 4)
    assert face[FOREHEAD, 1] < face[NOSE_TIP, 1] < face[CHIN, 1]
    assert abs(float(face[NOSE_TIP, 0])) < 0.1
    assert 10 < float(np.ptp(face[:, 0])) < 20
