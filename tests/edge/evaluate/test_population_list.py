"""The list of a population: who is who, what is known of them, and which line is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.evaluate.errors import FolderNotFoundError, ListInvalidError, ListUnreadableError
from edge.evaluate.one_person import OnePersonPair, read_one_person
from edge.evaluate.population_list import KnownFrom, PopulationList, read_population
from models.calibration.bands import Member
from tests.edge.evaluate.sets import write_files, write_list

FILES = ["a.jpg", "b.jpg", "Ann_0001.jpg", "Ann_0002.jpg", "Bob_0001.jpg"]


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_files(tmp_path / "images", FILES)


def population(images: Path, header: str, *lines: str) -> PopulationList:
    return read_population(write_list(images.parent / "list.csv", header, *lines), images)


@pytest.mark.parametrize("column", ["person", "person_id"])
def test_a_column_names_the_persons(images: Path, column: str) -> None:
    found = population(images, f"file,{column}", "a.jpg,x", "b.jpg,x")

    assert found.known_from is KnownFrom.COLUMN
    assert [picture.person for picture in found.pictures] == ["x", "x"]


def test_file_names_with_numbers_name_the_persons(images: Path) -> None:
    found = population(images, "file", "Ann_0001.jpg", "Ann_0002.jpg", "Bob_0001.jpg")

    assert found.known_from is KnownFrom.FILE_NAMES
    assert [picture.person for picture in found.pictures] == ["Ann", "Ann", "Bob"]


@pytest.mark.parametrize("files", [["a.jpg", "Ann_0001.jpg"], ["Ann_0001.jpg", "Ann_0002.jpg"]], ids=["mixed", "camera"])
def test_file_names_that_name_nobody_are_a_person_each(images: Path, files: list[str]) -> None:
    found = population(images, "file", *files)

    assert found.known_from is KnownFrom.NOWHERE
    assert [picture.person for picture in found.pictures] == files


def test_what_is_known_of_a_person_is_kept(images: Path) -> None:
    found = population(images, "file,age,sex,group", "a.jpg, 83 ,f,north", "b.jpg,,,")

    assert [picture.member for picture in found.pictures] == [Member(83, "f", "north"), Member(None, "", "")]


@pytest.mark.parametrize("age", ["-1", "131", "eighty", "80.5", "1e2", "0x50", "00000083", "²"])
def test_a_bad_age_is_told_with_its_line(images: Path, age: str) -> None:
    with pytest.raises(ListInvalidError, match=r"list\.csv, line 3, column age: .* is no age in whole years, 0 to 130"):
        population(images, "file,age", "a.jpg,60", f"b.jpg,{age}")


def test_a_file_that_is_not_there_is_told_with_its_line(images: Path) -> None:
    with pytest.raises(ListInvalidError, match=r"line 3, column file: there is no file 'c\.jpg'"):
        population(images, "file", "a.jpg", "c.jpg")


def test_a_file_counts_once(images: Path) -> None:
    with pytest.raises(ListInvalidError, match="line 3, column file: this file already stands in line 2"):
        population(images, "file", "a.jpg", "./a.jpg")


def test_a_person_without_a_name_is_told(images: Path) -> None:
    with pytest.raises(ListInvalidError, match="line 2, column person: there is no person"):
        population(images, "file,person", "a.jpg,")


def test_a_list_without_files_is_told(images: Path) -> None:
    with pytest.raises(ListUnreadableError, match="the column 'file' is missing"):
        population(images, "name", "a.jpg")


def test_a_folder_that_is_not_there_is_told(images: Path) -> None:
    with pytest.raises(FolderNotFoundError, match="no such folder"):
        read_population(write_list(images.parent / "list.csv", "file", "a.jpg"), images / "nowhere")


def test_a_population_is_called_after_its_folder_or_its_list(images: Path) -> None:
    own = write_list(images / "images.csv", "file", "a.jpg")

    assert population(images, "file", "a.jpg").name == "list"
    assert read_population(own, images).name == "images"


def test_pairs_that_somebody_looked_at_are_read_with_columns_to_spare(tmp_path: Path) -> None:
    path = write_list(tmp_path / "one.csv", "a,b,judged_by", "a.jpg,./b.jpg,look")

    assert read_one_person(path, FILES) == (OnePersonPair("a.jpg", "b.jpg"),)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a.jpg,c.jpg", r"line 2, column b: 'c\.jpg' is not in the list of pictures"),
        ("a.jpg,a.jpg", "line 2, column b: a picture is not compared with itself"),
        (",a.jpg", "line 2, column a: .* is not in the list of pictures"),
    ],
)
def test_a_pair_that_cannot_be_is_told_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ListInvalidError, match=says):
        read_one_person(write_list(tmp_path / "one.csv", "a,b", line), FILES)
