"""What several references are worth: exact on made-up vectors, a gain on real people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge.commands.evaluate import group
from edge.evaluate.people import PersonId
from edge.evaluate.population_list import Picture
from edge.evaluate.references import weigh_references
from edge.stages.match import Embedding
from models.calibration.bands import Member

ASKED = {"1e-2": 1e-2}


def embedded(persons: Sequence[tuple[str, int]], noise: float) -> tuple[list[Picture], dict[str, Embedding]]:
    """So many pictures of each person, as made-up vectors."""
    dice = np.random.default_rng(9)
    pictures, embeddings = [], {}
    for person, count in persons:
        own = dice.normal(size=64) / 8
        for number in range(count):
            vector = own + noise * dice.normal(size=64) / 8
            file = f"{person}-{number}"
            pictures.append(Picture(file, Path(file), PersonId(person), Member(None, "", "")))
            embeddings[file] = Embedding((vector / np.linalg.norm(vector)).astype(np.float32))
    return pictures, embeddings


def test_the_mean_of_more_references_is_nearer() -> None:
    report = weigh_references(
        *embedded([(f"p{n}", 6) for n in range(20)] + [(f"s{n}", 1) for n in range(200)], 0.8), (1, 2, 4), ASKED
    )

    means = [gain.genuine.mean or 0.0 for gain in report.gains]
    assert (report.persons, report.strangers) == (20, 200)
    assert means == sorted(means)
    assert means[-1] > means[0] + 0.05
    assert all(0 < gain.strangers["1e-2"] < 1 for gain in report.gains)


def test_a_reference_is_never_compared_with_itself() -> None:
    pictures, embeddings = embedded([("p", 3)], noise=5.0)

    report = weigh_references(pictures, embeddings, (1,), ASKED)

    one, other, third = (embeddings[f"p-{number}"] for number in range(3))
    expected = (one @ other + other @ third + third @ one) / 3
    assert report.gains[0].genuine.mean == pytest.approx(float(expected), abs=1e-6)


def test_without_anybody_who_has_enough_pictures_nothing_is_claimed() -> None:
    report = weigh_references(*embedded([("p", 2), ("q", 1)], 0.5), (1, 2), ASKED)

    assert (report.persons, report.strangers) == (0, 2)
    assert all(gain.genuine.mean is None and gain.strangers == {} for gain in report.gains)


@pytest.mark.weights
@pytest.mark.footage
def test_the_command_measures_real_people(tmp_path: Path, footage_dir: Path) -> None:
    folder = footage_dir / "verification/lfw_folds1to2"
    rows = (folder / "images.csv").read_text().splitlines()
    names = [row.split(",")[0] for row in rows[1:]]
    frequent = [name for name in names if name.startswith(("David_Beckham", "Pervez_Musharraf"))][:16]
    others = [name for name in names if name.endswith("_0001.jpg")][:30]
    (tmp_path / "list.csv").write_text("file\n" + "\n".join(dict.fromkeys(frequent + others)) + "\n")

    result = CliRunner().invoke(group, ["references", str(tmp_path / "list.csv"), "--images", str(folder / "images"), "--json"])

    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert [each["references"] for each in document["references"]] == [1, 2, 3, 4]
    assert document["persons"] >= 1
    assert document["references"][-1]["mean"] > document["references"][0]["mean"]
