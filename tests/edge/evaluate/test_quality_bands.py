"""Misses by quality: a pair is as good as its poorer picture, every compared pair is in one band, real blur costs quality."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge.commands.evaluate import group
from edge.engine import Engine, open_quality_probe
from edge.evaluate.pairs import Pair, PairList
from edge.evaluate.portrait import Loss, Lost
from edge.evaluate.quality_bands import weigh_bands
from edge.stages.match import Embedding
from edge.stages.quality import FaceQuality, QualityProbe
from models.store import ModelStore
from tests.edge.footage import blurred, lit, only, portraits, read
from tests.fakes.networks import Answering

ONE = Embedding(np.array([1, 0], dtype=np.float32))
ALIKE = Embedding(np.array([0.8, 0.6], dtype=np.float32))
LISTED = PairList(
    "set",
    Path(),
    (
        Pair("good", "alike", same=True),
        Pair("good", "poor", same=True),
        Pair("good", "gone", same=True),
        Pair("poor", "alike", same=False),
    ),
)
PICTURES = {"good": ONE, "alike": ALIKE, "poor": ALIKE, "gone": Lost(Loss.NO_FACE, "")}
QUALITIES = {"good": FaceQuality(0.62), "alike": FaceQuality(0.60), "poor": FaceQuality(0.44)}


def test_a_pair_is_as_good_as_its_poorer_picture_and_a_lost_one_is_in_no_band() -> None:
    bands = weigh_bands(LISTED, PICTURES, QUALITIES, 0.9, {"1e-2": 0.5, "1e-4": None})

    assert [(band.low, band.fnmr.errors, band.fnmr.of) for band in bands] == [
        (0.0, 1, 1),
        (0.45, 0, 0),
        (0.55, 0, 0),
        (0.60, 1, 1),
    ]
    assert [band.fnmr_at["1e-2"] for band in bands] == [0.0, None, None, 0.0]
    assert all(band.fnmr_at["1e-4"] is None for band in bands)


def test_a_perfect_quality_is_in_the_last_band() -> None:
    qualities = dict.fromkeys(QUALITIES, FaceQuality(1.0))

    assert weigh_bands(LISTED, PICTURES, qualities, 0.5, {})[-1].fnmr.of == 2


def test_the_network_is_fed_as_its_card_says() -> None:
    fed: list[np.ndarray] = []
    network = Answering(lambda tensor: (fed.append(tensor), np.full((1, 1), 0.6, dtype=np.float32))[1:])
    points = np.array([[125, 100], [165, 100], [145, 120], [130, 140], [160, 140]], dtype=np.float32)

    quality = QualityProbe(network).judge(np.full((240, 320, 3), 64, dtype=np.uint8), points)

    assert quality == pytest.approx(0.6)
    assert (fed[0].shape, fed[0].dtype) == ((1, 96, 96, 3), np.float32)
    assert fed[0][0, 48, 48, 0] == pytest.approx(-0.5)


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize("change", [blurred(8.0), lit(0.08)], ids=["blurred", "dark"])
def test_blur_and_darkness_cost_quality(footage_dir: Path, engine: Engine, model_store: ModelStore, change: object) -> None:
    assert callable(change)
    probe = open_quality_probe(model_store)
    for _, path in zip(range(4), portraits(footage_dir, 45), strict=False):
        picture = read(path)
        points = engine.aligner.points(picture, only(engine.detector.find(picture)))

        assert probe.judge(picture, points) > 0.5
        assert probe.judge(change(picture), points) < probe.judge(picture, points) - 0.02


@pytest.mark.weights
@pytest.mark.footage
def test_the_command_divides_the_misses(tmp_path: Path, footage_dir: Path) -> None:
    folder = footage_dir / "verification/asian_faces"
    lines = (folder / "pairs.csv").read_text().splitlines()
    (tmp_path / "pairs.csv").write_text("\n".join(lines[:9]) + "\n")
    words = ("--images", str(folder / "images"), "--plot", str(tmp_path / "det.png"), "--quality", "--json")

    result = CliRunner().invoke(group, ["verification", str(tmp_path / "pairs.csv"), *words])

    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert sum(band["fnmr"]["of"] for band in document["quality_bands"]) == document["fnmr"]["of"]
    assert sum(band["fnmr"]["errors"] for band in document["quality_bands"]) == document["fnmr"]["errors"]
