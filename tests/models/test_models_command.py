"""`lifecert models` prints one JSON document, tells its progress apart from it, and ends with the promised code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge.commands.models import group
from models.manifest import load_manifest
from models.store import ModelStore
from tests.models.engines import licensed_engine

NAMES = list(load_manifest().names)
MATCHERS = list(load_manifest().matchers)
SMALLEST = "face_constants"


@dataclass(frozen=True)
class Spoken:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Mapping[str, Any]:
        return dict(json.loads(self.out))


def say(cache: Path, *words: str, mirror: Path | None = None, manifest: Path | None = None) -> Spoken:
    environ = {"LIFECERT_CACHE": str(cache), "LIFECERT_MIRROR": str(mirror or ""), "LIFECERT_MANIFEST": str(manifest or "")}
    result = CliRunner().invoke(group, words, env=environ)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Spoken(result.exit_code, result.stdout, result.stderr)


def mirror_of_rubbish(folder: Path) -> Path:
    mirror = folder / "mirror"
    (mirror / "models").mkdir(parents=True)
    (mirror / "models" / load_manifest().card(SMALLEST).file).write_bytes(b"rubbish")
    return mirror


def test_list_names_every_model_in_words_and_in_json(tmp_path: Path) -> None:
    words = say(tmp_path, "list")
    document = say(tmp_path, "list", "--json")

    assert [line.split()[0] for line in words.out.splitlines()] == [*NAMES, *MATCHERS]
    assert [model["name"] for model in document.document["models"]] == NAMES
    assert [matcher["name"] for matcher in document.document["matchers"]] == MATCHERS
    assert (words.code, document.code) == (0, 0)


def test_list_gives_thresholds_as_whole_numbers(tmp_path: Path) -> None:
    document = say(tmp_path, "list", "--json").document
    models = {model["name"]: model for model in document["models"]}
    matchers = {matcher["name"]: matcher for matcher in document["matchers"]}

    assert models["minifasnet_v2"]["threshold"] == 9000
    assert models["embedder"]["threshold"] is None
    assert (matchers["reid0095_mfn"]["threshold"], matchers["reid0095_mfn"]["review_from"]) == (5400, 4400)
    assert len(matchers["reid0095_mfn"]["digest"]) == 64


def test_verify_looks_at_what_every_unit_has_and_at_options_when_asked(tmp_path: Path) -> None:
    standard = [model["name"] for model in say(tmp_path, "verify", "--json").document["models"]]
    everything = [model["name"] for model in say(tmp_path, "verify", "--optional", "--json").document["models"]]
    named = [model["name"] for model in say(tmp_path, "verify", "sface", "--json").document["models"]]

    assert "espdl_mfn" in standard
    assert {"foamliu", "sface"}.isdisjoint(standard)
    assert everything == NAMES
    assert named == ["sface"]


@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_manifest_of_ones_own_adds_its_models_and_matchers(tmp_path: Path, by: str) -> None:
    manifest = licensed_engine(tmp_path / "engine")
    words = ("--manifest", str(manifest)) if by == "option" else ()

    listed = say(tmp_path, "list", "--json", *words, manifest=None if words else manifest)
    pulled = say(tmp_path, "pull", "licensed", "--json", *words, manifest=None if words else manifest)

    states = {model["name"]: model for model in listed.document["models"]}
    assert (states["licensed"]["where"], states["licensed"]["ok"]) == ("beside", True)
    assert "licensed_and_ours" in [matcher["name"] for matcher in listed.document["matchers"]]
    assert [(model["name"], model["came_from"]) for model in pulled.document["pulled"]] == [("licensed", "beside")]


def test_a_manifest_of_ones_own_that_is_broken_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("format = 1\n", encoding="utf-8")

    spoken = say(tmp_path, "list", "--json", "--manifest", str(tmp_path / "own.toml"))

    assert spoken.code == 2
    assert spoken.document["error"]["code"] == "ManifestInvalid"


def test_verify_ends_with_1_when_a_file_is_missing(tmp_path: Path) -> None:
    spoken = say(tmp_path, "verify", "--json")

    assert spoken.code == 1
    assert spoken.document["ok"] is False
    assert {model["where"] for model in spoken.document["models"]} == {"nowhere"}


def test_verify_ends_with_1_when_a_file_is_another_one(tmp_path: Path) -> None:
    mirror = mirror_of_rubbish(tmp_path)

    spoken = say(tmp_path / "cache", "verify", SMALLEST, "--mirror", str(mirror))

    assert spoken.code == 1
    assert spoken.out.startswith(f"BAD {SMALLEST}")


def test_pull_of_a_conversion_without_a_mirror_ends_with_2_and_one_error(tmp_path: Path) -> None:
    spoken = say(tmp_path, "pull", "embedder", "--json")

    assert spoken.code == 2
    assert spoken.document["error"]["code"] == "ModelNotFound"
    assert "--mirror DIR" in spoken.document["error"]["message"]
    assert spoken.document["pulled"] == []


def test_pull_of_a_wrong_file_ends_with_2_in_words_too(tmp_path: Path) -> None:
    mirror = mirror_of_rubbish(tmp_path)

    spoken = say(tmp_path / "cache", "pull", SMALLEST, mirror=mirror)

    assert spoken.code == 2
    assert spoken.out == ""
    assert spoken.err.startswith("error: ")
    assert "SHA-256" in spoken.err


@pytest.mark.parametrize("command", ["answer", "list", "pull", "verify"])
def test_a_mirror_that_is_not_there_ends_with_2(tmp_path: Path, command: str) -> None:
    spoken = say(tmp_path, command, "--json", "--mirror", str(tmp_path / "gone"))

    assert spoken.code == 2
    assert spoken.document["error"]["code"] == "MirrorNotFound"


@pytest.mark.parametrize("command", ["answer", "pull", "verify"])
def test_an_unknown_model_ends_with_2(tmp_path: Path, command: str) -> None:
    spoken = say(tmp_path, command, "nobody", "--json")

    assert spoken.code == 2
    assert spoken.document["error"]["code"] == "ModelUnknown"


@pytest.mark.parametrize("command", ["answer", "list", "pull", "verify"])
def test_help_shows_examples(tmp_path: Path, command: str) -> None:
    spoken = say(tmp_path, command, "--help")

    assert spoken.code == 0
    assert f"lifecert models {command}" in spoken.out


@pytest.mark.weights
def test_pull_brings_the_real_files_and_verify_finds_them_right(tmp_path: Path, model_store: ModelStore) -> None:
    mirror = model_store.path(SMALLEST).parent
    pulled = say(tmp_path, "pull", SMALLEST, "yunet_n", "--json", mirror=mirror)
    verified = say(tmp_path, "verify", SMALLEST, "yunet_n", "--json")

    assert [(model["name"], model["came_from"]) for model in pulled.document["pulled"]] == [
        (SMALLEST, "mirror"),
        ("yunet_n", "mirror"),
    ]
    assert "bytes" in pulled.err
    assert pulled.code == 0
    assert verified.code == 0
    assert verified.document["ok"] is True
