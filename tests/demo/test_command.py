"""Where something is missing, the command ends with 2 and one sentence, in words or as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, mirror_folder

CLOSED_DOOR = "http://127.0.0.1:9"
"""The discard port, on which nothing listens: there is no upstream."""


def demo(cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the demonstration without mirror and upstream."""
    hidden = ("LIFECERT_MIRROR", "NO_PROXY", "no_proxy")
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    environment = {**inherited, "LIFECERT_CACHE": str(cache), "HTTPS_PROXY": CLOSED_DOOR, "https_proxy": CLOSED_DOOR}
    command = [sys.executable, "-m", "demo.cli", *words]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_without_weights_one_sentence_says_which_file_from_where_and_how_to_give_a_mirror(tmp_path: Path) -> None:
    ended = demo(tmp_path / "cache")

    (sentence,) = ended.stderr.splitlines()
    assert ended.returncode == 2
    # The largest network is opened first.
    assert sentence.startswith("error: model espdl_mfn: the file face_embed_espdl_mfn_dequant_fp32.onnx is not in ")
    assert "a conversion of the official human_face_feat_mfn_s8_v1.espdl" in sentence
    assert "give a mirror with --mirror DIR or LIFECERT_MIRROR=DIR" in sentence


def test_with_json_the_sentence_is_one_document(tmp_path: Path) -> None:
    ended = demo(tmp_path / "cache", "--json")

    error = json.loads(ended.stdout)["error"]
    assert ended.returncode == 2
    assert error["code"] == "WeightsMissing"
    assert "give a mirror" in error["message"]


def test_a_mirror_that_is_no_folder_is_refused_in_words(tmp_path: Path) -> None:
    ended = demo(tmp_path / "cache", "--mirror", str(tmp_path / "nowhere"))

    assert ended.returncode == 2
    assert "is not a folder" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.weights
@pytest.mark.footage
def test_a_folder_that_is_in_use_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    ended = demo(tmp_path / "cache", "--mirror", str(mirror_folder()), "--keep", str(tmp_path))

    assert ended.returncode == 2
    assert "name a new one with --keep DIR" in ended.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == ["mine.txt"]
