"""Lists of pairs and of labels: read strictly, and every fault is named with its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.evaluate.errors import FolderNotFoundError, ListInvalidError, ListUnreadableError
from edge.evaluate.pad import Label, read_labels
from edge.evaluate.pairs import Pair, read_pairs
from tests.edge.evaluate.sets import write_files, write_list

FILES = ("a_1.jpg", "a_2.jpg", "b_1.jpg", "folder/c_1.jpg")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_files(tmp_path / "images", FILES)


def test_pairs_are_read_in_their_order_and_further_columns_are_ignored(tmp_path: Path, images: Path) -> None:
    table = write_list(tmp_path / "pairs.csv", "fold,a,b,same", "1,a_1.jpg,a_2.jpg,1", "", "1,a_1.jpg,folder/c_1.jpg,0")

    listed = read_pairs(table, images)

    assert listed.pairs == (Pair("a_1.jpg", "a_2.jpg", same=True), Pair("a_1.jpg", "folder/c_1.jpg", same=False))
    assert listed.files == ("a_1.jpg", "a_2.jpg", "folder/c_1.jpg")
    assert (listed.same, listed.name) == (1, tmp_path.name)


def test_a_list_of_another_name_gives_the_set_its_name(tmp_path: Path, images: Path) -> None:
    table = write_list(tmp_path / "winter.csv", "a,b,same", "a_1.jpg,a_2.jpg,1")

    assert read_pairs(table, images).name == "winter"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the list is empty"),
        (b"a,b,same\n", "no line below its header"),
        (b"a,b\na_1.jpg,a_2.jpg\n", "the column 'same' is missing"),
        (b"a,b,same,a\na_1.jpg,a_2.jpg,1,x\n", "the column 'a' is named twice"),
        ("a,b,same\n名,b,1\n".encode("utf-16"), "not a table of comma-separated values in UTF-8"),
        (b"a,b,same\na_1.jpg,\xff.jpg,1\n", "not a table of comma-separated values in UTF-8"),
        (b'a,b,same\n"a_1.jpg,a_2.jpg,1\n', "not a table of comma-separated values in UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_pairs_is_refused(tmp_path: Path, images: Path, content: bytes, says: str) -> None:
    table = tmp_path / "pairs.csv"
    table.write_bytes(content)

    with pytest.raises(ListUnreadableError, match=says):
        read_pairs(table, images)


@pytest.mark.parametrize("name", ["nowhere.csv", "images"])
def test_a_list_that_is_not_there_is_refused(tmp_path: Path, images: Path, name: str) -> None:
    with pytest.raises(ListUnreadableError, match=name):
        read_pairs(tmp_path / name, images)


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("a_1.jpg,a_2.jpg,yes", "same", "'yes' is neither 1"),
        ("a_1.jpg,a_2.jpg,", "same", "'' is neither 1"),
        ("a_1.jpg,a_2.jpg", "same", "there are 2 cells; the header has 3"),
        ("a_1.jpg,a_2.jpg,1,1", "same", "there are 4 cells"),
        (",a_2.jpg,1", "a", "there is no file name"),
        ("a_1.jpg,nowhere.jpg,1", "b", "there is no file 'nowhere.jpg'"),
        ("a_1.jpg,folder,1", "b", "there is no file 'folder'"),
        ("a_1.jpg,../pairs.csv,1", "b", "leads out of the folder"),
        ("a_1.jpg,folder/../../pairs.csv,1", "b", "leads out of the folder"),
        ("/etc/hostname,a_1.jpg,1", "a", "leads out of the folder"),
        (f"a_1.jpg,{'x' * 5000}.jpg,1", "b", "line 3"),
        ("a_2.jpg,a_2.jpg,1", "b", "not compared with itself"),
        ("a_1.jpg,b_1.jpg,1", "b", "already stands in line 2"),
        ("b_1.jpg,a_1.jpg,0", "b", "already stands in line 2"),
        ("b_1.jpg,./a_1.jpg,0", "b", "already stands in line 2"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, images: Path, line: str, column: str, says: str) -> None:
    table = write_list(tmp_path / "pairs.csv", "a,b,same", "a_1.jpg,b_1.jpg,0", line)

    with pytest.raises(ListInvalidError, match=says) as raised:
        read_pairs(table, images)
    assert (raised.value.line, raised.value.column) == (3, column)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    table = write_list(tmp_path / "pairs.csv", "a,b,same", "a_1.jpg,b_1.jpg,0")

    with pytest.raises(FolderNotFoundError, match="nowhere"):
        read_pairs(table, tmp_path / "nowhere")


def test_labels_are_read_with_the_kind_of_each_attack(tmp_path: Path, images: Path) -> None:
    table = write_list(
        tmp_path / "labels.csv", "file,label,attack_kind", "a_1.jpg,live,", "a_2.jpg,attack,print", "b_1.jpg,attack,"
    )

    found = read_labels(table, images)

    assert [(each.file, each.label, each.kind) for each in found] == [
        ("a_1.jpg", Label.LIVE, ""),
        ("a_2.jpg", Label.ATTACK, "print"),
        ("b_1.jpg", Label.ATTACK, "unnamed"),
    ]


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("a_2.jpg,genuine,", "label", "'genuine' is neither live nor attack"),
        ("a_2.jpg,live,print", "attack_kind", "no attack of kind 'print'"),
        ("a_1.jpg,attack,print", "file", "already stands in line 2"),
        ("../labels.csv,live,", "file", "leads out of the folder"),
    ],
)
def test_a_faulty_label_is_named(tmp_path: Path, images: Path, line: str, column: str, says: str) -> None:
    table = write_list(tmp_path / "labels.csv", "file,label,attack_kind", "a_1.jpg,live,", line)

    with pytest.raises(ListInvalidError, match=says) as raised:
        read_labels(table, images)
    assert (raised.value.line, raised.value.column) == (3, column)
