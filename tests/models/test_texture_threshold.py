"""The texture thresholds of a camera: what a file may change is bounded, and no file switches the cue off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from models.digests import digest_of
from models.errors import TextureThresholdInvalidError
from models.relief import UNSAVED
from models.texture_threshold import (
    LEAST,
    LEAST_LIT,
    MOST_COUNT,
    Proven,
    TextureThreshold,
    read_texture_threshold,
    texture_threshold_text,
)

STEADY = Proven(0.41, living=60, refused=2, attacks=45, passed=7)
LIT = Proven(0.027, living=80, refused=0, attacks=0, passed=0)
FOUND = TextureThreshold("OV5647 without a filter", STEADY, LIT, UNSAVED)
COUNTS: Mapping[str, str] = {"threshold": "0.41", "living": "60", "refused": "2", "attacks": "45", "passed": "7"}


def file_of(folder: Path, text: str) -> Path:
    path = folder / "camera.toml"
    path.write_text(text, encoding="utf-8")
    return path


def text_with(table: str = "steady", head: str = 'format = 1\ncamera = "OV5647"\n', **changes: str) -> str:
    """A file with one table, some of whose values are others; an empty one is left out."""
    rows = {**COUNTS, **changes}
    return f"{head}[{table}]\n" + "".join(f"{key} = {value}\n" for key, value in rows.items() if value)


@pytest.mark.parametrize("found", [FOUND, replace(FOUND, lit=None), replace(FOUND, steady=None)])
def test_thresholds_come_back_as_they_were_written_with_the_digest_of_their_file(tmp_path: Path, found: TextureThreshold) -> None:
    text = texture_threshold_text(found)

    assert read_texture_threshold(file_of(tmp_path, text)) == replace(found, sha256=digest_of(text.encode()))


@pytest.mark.parametrize("camera", ['7" panel', "C:\\cameras\\front", "树莓派相机", "# [lit]", "x" * 300])
def test_whatever_a_camera_is_called_comes_back(tmp_path: Path, camera: str) -> None:
    read = read_texture_threshold(file_of(tmp_path, texture_threshold_text(replace(FOUND, camera=camera))))

    assert (read.camera, read.steady, read.lit) == (camera, STEADY, LIT)


@pytest.mark.parametrize(("table", "least"), [("steady", LEAST), ("lit", LEAST_LIT)])
def test_no_file_takes_a_threshold_below_the_least(tmp_path: Path, table: str, least: float) -> None:
    lowest = read_texture_threshold(file_of(tmp_path, text_with(table, threshold=f"{least}")))
    proven = lowest.steady or lowest.lit
    assert proven is not None
    assert proven.threshold == least

    with pytest.raises(TextureThresholdInvalidError, match=f"threshold: must be at least {least}: .*switch the cue off"):
        read_texture_threshold(file_of(tmp_path, text_with(table, threshold=f"{least - 0.0001:.4f}")))


@pytest.mark.parametrize("table", ["steady", "lit"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("threshold", value) for value in ("0.0", "1.0", "-0.5", "nan", "inf", "1", '"0.5"', "true")),
        *(("living", value) for value in ("0", "-1", f"{MOST_COUNT + 1}", "1.0", "true", '"9"')),
        *(("refused", value) for value in ("-1", "61", "0.0", "false")),
        *(("attacks", value) for value in ("-1", f"{MOST_COUNT + 1}", "[]")),
        *(("passed", value) for value in ("-1", "46", "1.0")),
    ],
)
def test_a_value_of_another_type_or_range_is_refused_by_its_name(tmp_path: Path, table: str, key: str, value: str) -> None:
    with pytest.raises(TextureThresholdInvalidError) as caught:
        read_texture_threshold(file_of(tmp_path, text_with(table, **{key: value})))

    assert caught.value.key == key
    assert str(caught.value).startswith(f"camera.toml.{table}, {key}: must")


@pytest.mark.parametrize("key", COUNTS)
def test_a_table_that_lacks_a_count_proves_nothing(tmp_path: Path, key: str) -> None:
    with pytest.raises(TextureThresholdInvalidError, match=f"{key}: is missing"):
        read_texture_threshold(file_of(tmp_path, text_with(**{key: ""})))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (text_with(head='camera = "OV5647"\n'), "format"),
        (text_with(head='format = 2\ncamera = "OV5647"\n'), "format"),
        (text_with(head="format = 1\n"), "camera"),
        (text_with(head='format = 1\ncamera = " "\n'), "camera"),
        (text_with(head="format = 1\ncamera = 7\n"), "camera"),
        ('format = 1\ncamera = "OV5647"\n', "steady"),
        ('format = 1\ncamera = "OV5647"\nsteady = 0.5\n', "steady"),
        (text_with(colour="1"), "colour"),
        (text_with() + "[dark]\n", "dark"),
        ("[steady", "(the whole file)"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_the_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(TextureThresholdInvalidError) as caught:
        read_texture_threshold(file_of(tmp_path, text))

    assert caught.value.key == key


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TextureThresholdInvalidError, match=r"nowhere\.toml"):
        read_texture_threshold(tmp_path / "nowhere.toml")
