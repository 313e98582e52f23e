"""`lifecert models accept`: a good matcher gets its record, a bad one its reasons, and what is broken is refused before that."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge.commands.models import group
from models.acceptance import Verdict
from models.acceptance_file import read_acceptance
from models.matcher import matcher_digest, single
from models.store import ModelStore
from tests.edge.evaluate.sets import write_list
from tests.models.engines import licensed_engine

real = [pytest.mark.weights, pytest.mark.footage]
pytestmark = real


@dataclass(frozen=True)
class Spoken:
    """What the command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Mapping[str, Any]:
        return dict(json.loads(self.out))


def say(store: ModelStore, *words: str | Path) -> Spoken:
    mirror = store.path("yunet_n").parent
    result = CliRunner().invoke(group, ["accept", *map(str, words)], env={"LIFECERT_MIRROR": str(mirror)})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Spoken(result.exit_code, result.stdout, result.stderr)


def elders(footage_dir: Path, folder: Path, count: int, group_name: str = "white") -> Sequence[str | Path]:
    """A list of so many old people of one group, as words for the command."""
    with (footage_dir / "elders" / "images.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["group"] == group_name][:count]
    path = write_list(folder / "people.csv", "file,age,group", *(f"{row['file']},{row['age']},{group_name}" for row in rows))
    return ("--population", path, "--images", footage_dir / "elders" / "images")


def test_a_good_embedder_is_accepted_with_record_and_page(model_store: ModelStore, footage_dir: Path, tmp_path: Path) -> None:
    portraits = footage_dir / "verification" / "crossage_portraits"
    lines = [line for line in (portraits / "pairs.csv").read_text("utf-8").splitlines()[1:] if line.rstrip().endswith(",1")]
    pairs = write_list(tmp_path / "some.csv", "a,b,same", *lines[:6])

    spoken = say(
        model_store,
        *("espdl_mfn", *elders(footage_dir, tmp_path, 28), "--json", "--out", tmp_path / "mfn.toml"),
        *("--genuine", pairs, "--genuine-images", portraits / "images"),
    )

    assert spoken.code == 0, spoken.err
    record = read_acceptance(tmp_path / "mfn.toml")
    assert record.verdict is Verdict.ACCEPTED
    assert record.digest == matcher_digest(single("espdl_mfn"), model_store.manifest.cards)
    assert spoken.document["threshold"] == record.calibration().threshold_x10000
    assert [(each["name"], each["pairs"]) for each in spoken.document["genuine"]] == [("some", 6)]
    assert record.speed_ratio < 1.0
    assert "# Matcher espdl_mfn: accepted" in (tmp_path / "mfn.md").read_text(encoding="utf-8")


def test_a_population_that_is_too_small_ends_with_1_and_a_record_that_says_so(
    model_store: ModelStore, footage_dir: Path, tmp_path: Path
) -> None:
    spoken = say(model_store, "mfn", *elders(footage_dir, tmp_path, 5), "--out", tmp_path / "mfn.toml")

    assert spoken.code == 1
    assert "mfn is refused" in spoken.out
    assert "cannot be proven with the 10 comparisons" in spoken.out
    assert read_acceptance(tmp_path / "mfn.toml").verdict is Verdict.REFUSED


def test_an_engine_that_hardly_looks_at_faces_is_refused(model_store: ModelStore, footage_dir: Path, tmp_path: Path) -> None:
    manifest = licensed_engine(tmp_path / "engine")

    spoken = say(
        model_store,
        *("licensed", "--manifest", manifest, *elders(footage_dir, tmp_path, 28), "--json", "--out", tmp_path / "out.toml"),
    )

    assert spoken.code == 1, spoken.out
    assert spoken.document["verdict"] == "refused"
    assert spoken.document["reasons"]


def test_a_network_that_breaks_its_contract_is_refused_without_a_record(
    model_store: ModelStore, footage_dir: Path, tmp_path: Path
) -> None:
    manifest = licensed_engine(tmp_path / "engine")
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("shape = [1, 192]", "shape = [1, 256]"), encoding="utf-8")

    spoken = say(
        model_store,
        *("licensed", "--manifest", manifest, *elders(footage_dir, tmp_path, 3), "--json", "--out", tmp_path / "out.toml"),
    )

    assert spoken.code == 1
    assert "breaks its contract" in spoken.document["reasons"][0]
    assert not (tmp_path / "out.toml").exists()


def test_a_file_that_was_swapped_is_a_fault_and_no_verdict(model_store: ModelStore, footage_dir: Path, tmp_path: Path) -> None:
    manifest = licensed_engine(tmp_path / "engine")
    with (tmp_path / "engine" / "licensed.onnx").open("ab") as file:
        file.write(b"swapped")

    spoken = say(model_store, "licensed", "--manifest", manifest, *elders(footage_dir, tmp_path, 3), "--json")

    assert spoken.code == 2
    assert spoken.document["error"]["code"] == "DigestMismatch"


def test_each_list_of_pairs_needs_its_folder(model_store: ModelStore, footage_dir: Path, tmp_path: Path) -> None:
    spoken = say(model_store, "mfn", *elders(footage_dir, tmp_path, 3), "--genuine", "a.csv", "--genuine", "b.csv")

    assert spoken.code == 2
    assert "each --genuine needs its --genuine-images" in spoken.err


@pytest.mark.parametrize(("name", "code"), [("yunet_n", "EmbedderExpected"), ("nobody", "MatcherUnknown")])
def test_only_matchers_and_embedders_can_be_tried(
    model_store: ModelStore, footage_dir: Path, tmp_path: Path, name: str, code: str
) -> None:
    spoken = say(model_store, name, *elders(footage_dir, tmp_path, 3), "--json")

    assert spoken.code == 2
    assert spoken.document["error"]["code"] == code


def test_a_record_that_can_not_be_written_is_said_before_anything_is_measured(
    model_store: ModelStore, footage_dir: Path, tmp_path: Path
) -> None:
    spoken = say(model_store, "mfn", *elders(footage_dir, tmp_path, 3), "--json", "--out", tmp_path / "gone" / "out.toml")

    assert spoken.code == 2
    assert spoken.document["error"]["code"] == "AcceptanceNotWritten"
    assert spoken.err == ""
