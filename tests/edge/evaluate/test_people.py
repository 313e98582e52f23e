"""Who is who in a set: from a table, from file names, or from the pairs alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.evaluate.errors import ListInvalidError, ListUnreadableError
from edge.evaluate.pairs import Pair, PairList
from edge.evaluate.people import People, Source, find_people
from tests.edge.evaluate.sets import write_list

SAME, DIFFERENT = True, False


def listed(*pairs: tuple[str, str, bool]) -> PairList:
    return PairList("made-up", Path("images"), tuple(Pair(a, b, same) for a, b, same in pairs))


def groups(people: People) -> set[frozenset[str]]:
    """The files of each person."""
    return {
        frozenset(file for file, person in people.persons.items() if person == somebody) for somebody in people.persons.values()
    }


@pytest.mark.parametrize("column", ["person", "person_id"])
def test_a_table_beside_the_list_says_who_is_who(tmp_path: Path, column: str) -> None:
    table = write_list(tmp_path / "images.csv", f"file,{column}", "x.jpg,anna", "y.jpg,bea", "z.jpg,anna", "unlisted.jpg,eva")

    people = find_people(listed(("x.jpg", "y.jpg", DIFFERENT), ("x.jpg", "z.jpg", SAME)), table)

    assert people.source is Source.TABLE
    assert groups(people) == {frozenset({"x.jpg", "z.jpg"}), frozenset({"y.jpg"})}
    assert (people.count, people.contradictions) == (2, 0)


def test_a_file_that_the_table_does_not_know_belongs_to_nobody(tmp_path: Path) -> None:
    table = write_list(tmp_path / "images.csv", "file,person", "x.jpg,anna")

    people = find_people(listed(("x.jpg", "y.jpg", DIFFERENT)), table)

    assert set(people.persons) == {"x.jpg"}


def test_labels_that_contradict_the_table_are_counted(tmp_path: Path) -> None:
    table = write_list(tmp_path / "images.csv", "file,person", "x.jpg,anna", "y.jpg,anna", "z.jpg,bea")

    people = find_people(listed(("x.jpg", "y.jpg", DIFFERENT), ("x.jpg", "z.jpg", SAME), ("y.jpg", "z.jpg", DIFFERENT)), table)

    assert people.contradictions == 2


def test_a_table_without_persons_leaves_it_to_the_file_names(tmp_path: Path) -> None:
    table = write_list(tmp_path / "images.csv", "file,sharpness", "Anna_Li_0001.jpg,3")
    pairs = listed(("Anna_Li_0001.jpg", "Anna_Li_0002.jpg", SAME), ("Anna_Li_0003.jpg", "Bea_0001.jpg", DIFFERENT))

    people = find_people(pairs, table)

    assert people.source is Source.FILE_NAMES
    assert groups(people) == {
        frozenset({"Anna_Li_0001.jpg", "Anna_Li_0002.jpg", "Anna_Li_0003.jpg"}),
        frozenset({"Bea_0001.jpg"}),
    }


def test_same_pairs_join_persons_of_two_names(tmp_path: Path) -> None:
    pairs = listed(("Anna_1.jpg", "Ann_1.jpg", SAME), ("Anna_2.jpg", "Bea_1.jpg", DIFFERENT))

    people = find_people(pairs, tmp_path / "none.csv")

    assert groups(people) == {frozenset({"Anna_1.jpg", "Anna_2.jpg", "Ann_1.jpg"}), frozenset({"Bea_1.jpg"})}


def test_equal_names_in_two_folders_are_two_persons(tmp_path: Path) -> None:
    people = find_people(listed(("anna/face_1.jpg", "bea/face_1.jpg", DIFFERENT)), tmp_path / "none.csv")

    assert people.source is Source.FILE_NAMES
    assert people.count == 2


def test_numbered_files_that_do_not_name_persons_are_not_taken_for_names(tmp_path: Path) -> None:
    pairs = listed(("IMG_1.jpg", "IMG_2.jpg", SAME), ("IMG_2.jpg", "IMG_3.jpg", DIFFERENT))

    people = find_people(pairs, tmp_path / "none.csv")

    assert people.source is Source.PAIRS
    assert groups(people) == {frozenset({"IMG_1.jpg", "IMG_2.jpg"}), frozenset({"IMG_3.jpg"})}


def test_a_chain_of_same_pairs_is_one_person(tmp_path: Path) -> None:
    pairs = listed(("p", "q", SAME), ("r", "s", SAME), ("q", "r", SAME), ("s", "t", DIFFERENT))

    people = find_people(pairs, tmp_path / "none.csv")

    assert people.source is Source.PAIRS
    assert groups(people) == {frozenset("pqrs"), frozenset("t")}


def test_a_table_with_an_empty_person_is_refused(tmp_path: Path) -> None:
    table = write_list(tmp_path / "images.csv", "file,person", "x.jpg,anna", "y.jpg,")

    with pytest.raises(ListInvalidError, match="line 3, column person: there is no person"):
        find_people(listed(("x.jpg", "y.jpg", DIFFERENT)), table)


def test_a_table_without_files_is_refused(tmp_path: Path) -> None:
    table = write_list(tmp_path / "images.csv", "picture,person", "x.jpg,anna")

    with pytest.raises(ListUnreadableError, match="the column 'file' is missing"):
        find_people(listed(("x.jpg", "y.jpg", DIFFERENT)), table)
