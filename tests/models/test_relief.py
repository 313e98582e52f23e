"""The weights of the relief: read strictly, written so that they come back, and known by the digest of their file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from models.digests import digest_of
from models.errors import ReliefInvalidError
from models.relief import REGION_COLUMNS, REGION_ROWS, Shape, read_relief, shipped_relief, written
from tests.models.made_up import made_up_relief, made_up_shape

ROW = f"[{', '.join(['0.25'] * REGION_COLUMNS)}]"
GRID = f"[{', '.join([ROW] * REGION_ROWS)}]"
OF_A_SHAPE: Mapping[str, str] = {"slope": GRID, "fall": GRID, "shine": "-0.5", "bias": "-1.5"}
ROWS: Mapping[str, str] = {
    "format": "2",
    "threshold": "0.5",
    "code_threshold": "0.4",
    "texture_threshold": "0.03",
    "derived_from": '"made up"',
    **{f"{shape}.{key}": value for shape in Shape for key, value in OF_A_SHAPE.items()},
}
SHARES = ("threshold", "code_threshold", "texture_threshold")


def file_of(folder: Path, text: str) -> Path:
    path = folder / "relief.toml"
    path.write_text(text, encoding="utf-8")
    return path


def text_of(rows: Mapping[str, str]) -> str:
    return "".join(f"{key} = {value}\n" for key, value in rows.items())


def spoken(key: str) -> str:
    """How an error names the place of a key."""
    table, _, inner = key.rpartition(".")
    return f"relief.toml.{table}, {inner}" if table else f"relief.toml, {key}"


def test_weights_come_back_as_they_were_written_with_the_digest_of_their_file(tmp_path: Path) -> None:
    against = {shape: made_up_shape(shine=-1.2345, bias=-7.1598 - at) for at, shape in enumerate(Shape)}
    weights = made_up_relief(against=against, threshold=0.612, code_threshold=0.434, texture_threshold=0.027)

    read = read_relief(file_of(tmp_path, written(weights)))

    assert read == replace(weights, sha256=digest_of(written(weights).encode()))


def test_rows_and_columns_keep_their_places(tmp_path: Path) -> None:
    counted = tuple(tuple(float(10 * row + column) for column in range(REGION_COLUMNS)) for row in range(REGION_ROWS))
    weights = made_up_relief(against=dict.fromkeys(Shape, made_up_shape(fall=counted)))

    read = read_relief(file_of(tmp_path, written(weights)))

    assert all((one.slope, one.fall) == (made_up_shape().slope, counted) for one in read.against.values())


def test_what_ships_can_be_read_and_written_again(tmp_path: Path) -> None:
    shipped = shipped_relief()

    again = read_relief(file_of(tmp_path, written(shipped)))

    assert replace(again, sha256=shipped.sha256) == shipped
    assert len(shipped.sha256) == 64
    assert shipped.derived_from


@pytest.mark.parametrize("key", ROWS)
def test_a_file_that_lacks_a_key_is_refused_by_its_name(tmp_path: Path, key: str) -> None:
    rows = {other: value for other, value in ROWS.items() if other != key}

    with pytest.raises(ReliefInvalidError, match=rf"{spoken(key)}: is missing"):
        read_relief(file_of(tmp_path, text_of(rows)))


@pytest.mark.parametrize("shape", Shape)
def test_a_file_that_lacks_a_shape_is_refused_by_its_name(tmp_path: Path, shape: Shape) -> None:
    rows = {key: value for key, value in ROWS.items() if not key.startswith(f"{shape}.")}

    with pytest.raises(ReliefInvalidError, match=rf"relief\.toml, {shape}: is missing"):
        read_relief(file_of(tmp_path, text_of(rows)))


WRONG = [
    *(("format", value) for value in ("0", "1", "3", "2.0", "true", '"2"')),
    *((key, value) for key in SHARES for value in ("0.0", "1.0", "-0.1", "1.5", "nan", "inf", "1", '"0.5"', "true", "[]")),
    *((key, value) for key in ("sheet.bias", "screen.shine") for value in ("nan", "-inf", "1", "true", '"1.0"')),
    *(("derived_from", value) for value in ('""', '"  "', "7", "[]")),
    *(
        (key, value)
        for key in ("sheet.slope", "cylinder.fall")
        for value in (
            *("[]", "{}", "1.0", '"0.0"', ROW, f"[{ROW}]"),
            f"[{', '.join([ROW] * (REGION_ROWS + 1))}]",
            GRID.replace("0.25]", "0.25, 0.25]", 1),
            *(GRID.replace("0.25", value, 1) for value in ("nan", "inf", "true", '"0.25"', "[]", "{}")),
        )
    ),
]


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_value_of_another_type_or_range_is_refused_by_its_name(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(ReliefInvalidError) as caught:
        read_relief(file_of(tmp_path, text_of({**ROWS, key: value})))

    assert caught.value.key == key.rpartition(".")[2]
    assert str(caught.value).startswith(f"{spoken(key)}: must")


def test_whole_numbers_are_weights_too(tmp_path: Path) -> None:
    read = read_relief(file_of(tmp_path, text_of({**ROWS, "sheet.slope": GRID.replace("0.25", "2")})))

    assert read.against[Shape.SHEET].slope == ((2.0,) * REGION_COLUMNS,) * REGION_ROWS


def test_a_key_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReliefInvalidError, match=r"relief\.toml, treshold: is not a key of this table"):
        read_relief(file_of(tmp_path, text_of({**ROWS, "treshold": "0.5"})))


@pytest.mark.parametrize("content", [b"", b"format", b"\xff\xfe", b"format = 1\nformat = 1"])
def test_a_file_that_is_no_such_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "relief.toml"
    path.write_bytes(content)

    with pytest.raises(ReliefInvalidError, match=r"relief\.toml, (format|\(the whole file\)): "):
        read_relief(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReliefInvalidError, match=re.escape("nowhere.toml, (the whole file): cannot be read")):
        read_relief(tmp_path / "nowhere.toml")
