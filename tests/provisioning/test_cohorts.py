"""Sealed cohorts are checked row by row, kept as they are, opened again, and forgotten. Nothing of what is in them gets out."""

from __future__ import annotations

import logging
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from provisioning.audit import Action, audit_entries
from provisioning.cohorts.check import MOST_REFERENCES, count_rows
from provisioning.cohorts.key import CohortKey
from provisioning.db import Database
from provisioning.errors import (
    CohortDamagedError,
    CohortKeyMissingError,
    CohortRefusedError,
    CohortUnfitError,
    CohortUnknownError,
    FileUnusableError,
    ProvisioningError,
)
from provisioning.layout import Layout
from tests.provisioning.references import DIMENSION, HEAD, Shelf, counted, packed, people, seal_cohort, vectors
from wire.cohort import CohortRow
from wire.sealing import new_opening_key, read_opening_key


@pytest.fixture
def shelf(lite_database: Database, tmp_path: Path) -> Shelf:
    return Shelf(lite_database, tmp_path)


def lying(shelf: Shelf) -> list[str]:
    """Names of all files in the folder of cohorts."""
    folder = shelf.layout.cohort("x").parent
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_the_private_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    layout = Layout(tmp_path)

    first, again = CohortKey(layout).public(), CohortKey(layout).public()

    assert first.public_bytes_raw() == again.public_bytes_raw()
    assert stat.S_IMODE(layout.cohort_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(layout.cohort_key.parent.stat().st_mode) == 0o700
    assert read_opening_key(layout.cohort_key.read_bytes()).public_key().public_bytes_raw() == first.public_bytes_raw()


def test_a_key_that_was_never_made_is_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(CohortKeyMissingError, match="cohort key"):
        CohortKey(Layout(tmp_path)).private()


def test_a_key_file_that_holds_something_else_is_a_fault_and_is_not_replaced(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.cohort_key.parent.mkdir()
    layout.cohort_key.write_text("something else")

    with pytest.raises(FileUnusableError, match=r"cohort\.key"):
        CohortKey(layout).public()
    assert layout.cohort_key.read_text() == "something else"


def test_a_cohort_is_kept_sealed_exactly_as_it_came_and_read_again(database: Database, tmp_path: Path) -> None:
    shelf = Shelf(database, tmp_path)
    rows = list(people(700))
    file = shelf.file(rows)

    kept = shelf.archive.take_in(file)

    path = shelf.layout.cohort(kept.id)
    assert path.read_bytes() == file.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (kept.head, kept.size.references, kept.size.persons) == (HEAD, 700, 700)
    with shelf.archive.opened(kept.id) as opened:
        assert (opened.kept, list(opened.rows)) == (kept, rows)
    assert shelf.archive.all() == (kept,)


def test_several_references_of_one_person_are_one_person(shelf: Shelf) -> None:
    rows = [replace(row, person="the same") for row in people(5)]

    kept = shelf.cohort(rows)

    assert (kept.size.references, kept.size.persons) == (5, 1)


def test_the_import_and_its_end_are_in_the_audit(shelf: Shelf) -> None:
    kept = shelf.cohort(people(3))
    shelf.archive.forget(kept.id)

    with shelf.database.reading() as transaction:
        entries = audit_entries(transaction)
    assert [(entry.action, entry.about) for entry in entries] == [
        (Action.COHORT_IMPORTED, kept.id),
        (Action.COHORT_FORGOTTEN, kept.id),
    ]


def rows_with(number: int, embedding: bytes) -> list[CohortRow]:
    rows = list(people(20))
    rows[number - 1] = replace(rows[number - 1], embedding=embedding)
    return rows


NAN = packed(np.array([np.nan] + [0.0] * (DIMENSION - 1)))
INFINITE = packed(np.array([np.inf] + [0.0] * (DIMENSION - 1)))
UNFIT = {
    "not a number": (NAN, "no number"),
    "infinite": (INFINITE, "no number"),
    "nothing": (bytes(2 * DIMENSION), "length 0, not 1"),
    "too short": (packed(vectors(1)[0] * 0.98), r"length 0\.9[78]"),
    "too long": (packed(vectors(1)[0] * 1.01), r"length 1\.01"),
}


@pytest.mark.parametrize(("embedding", "why"), UNFIT.values(), ids=UNFIT.keys())
def test_a_row_that_cannot_be_compared_refuses_the_file_and_is_named_by_its_number(
    shelf: Shelf, embedding: bytes, why: str
) -> None:
    file = shelf.file(rows_with(17, embedding))

    with pytest.raises(CohortRefusedError, match=f"row 17: .*{why}") as refused:
        shelf.archive.take_in(file)

    assert "p00016" not in str(refused.value)
    assert lying(shelf) == ["cohort.key"]
    assert shelf.archive.all() == ()


def test_rounding_to_half_precision_never_makes_a_unit_vector_unfit(shelf: Shelf) -> None:
    for dimension in (1, 2, 3, 128, 512, 1536):
        rows = [CohortRow("p", None, "", "", packed(vector)) for vector in vectors(50, dimension, dimension)]
        assert count_rows(rows).references == 50


def test_a_cohort_without_references_is_refused(shelf: Shelf) -> None:
    file = shelf.file([])

    with pytest.raises(CohortRefusedError, match="holds no reference"):
        shelf.archive.take_in(file)


def test_more_references_than_can_be_compared_are_refused_when_the_last_one_comes() -> None:
    row = next(people(1))
    asked: list[int] = []

    def endless() -> Iterator[CohortRow]:
        while True:
            yield row

    with pytest.raises(CohortUnfitError, match=str(MOST_REFERENCES)):
        count_rows(counted(endless(), asked.append))
    assert asked[-1] == MOST_REFERENCES + 1


def test_rows_are_checked_one_at_a_time_and_none_is_kept() -> None:
    """However many there are, no more than two rows are ever there together."""
    alive: set[int] = set()
    most = 0

    class Watched(CohortRow):
        __slots__ = ()

        def __del__(self) -> None:
            alive.discard(id(self))

    def rows() -> Iterator[CohortRow]:
        nonlocal most
        for row in people(3000):
            watched = Watched(row.person, row.age, row.sex, row.group, row.embedding)
            alive.add(id(watched))
            most = max(most, len(alive))
            yield watched
            del watched

    assert count_rows(rows()).references == 3000
    assert most <= 3


def test_a_broken_file_is_refused_and_leaves_nothing_behind(shelf: Shelf) -> None:
    file = shelf.file(people(2000))
    file.write_bytes(file.read_bytes()[:-1])

    with pytest.raises(CohortRefusedError, match=r"cohort\.lcc is refused: cohort file broken"):
        shelf.archive.take_in(file)
    assert lying(shelf) == ["cohort.key"]


def test_a_file_that_is_no_cohort_is_refused(shelf: Shelf) -> None:
    shelf.file([])
    file = shelf.folder / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff" * 100)

    with pytest.raises(CohortRefusedError, match="no cohort file"):
        shelf.archive.take_in(file)


def test_a_cohort_for_another_centre_is_refused(shelf: Shelf) -> None:
    shelf.file([])
    file = seal_cohort(shelf.folder / "foreign.lcc", new_opening_key().public_key(), people(3))

    with pytest.raises(CohortRefusedError, match="not the one here"):
        shelf.archive.take_in(file)


def test_a_file_that_is_not_there_is_a_fault(shelf: Shelf) -> None:
    shelf.file([])

    with pytest.raises(FileUnusableError, match=r"nothing\.lcc"):
        shelf.archive.take_in(shelf.folder / "nothing.lcc")


def test_the_same_file_is_not_taken_in_twice(shelf: Shelf) -> None:
    kept = shelf.cohort(people(3))

    with pytest.raises(CohortRefusedError, match=f"here already, as {kept.id}"):
        shelf.archive.take_in(shelf.folder / "cohort.lcc")


def test_a_forgotten_cohort_is_gone_from_the_disk_and_can_come_back(shelf: Shelf) -> None:
    kept = shelf.cohort(people(3))

    shelf.archive.forget(kept.id)

    assert lying(shelf) == ["cohort.key"]
    with pytest.raises(CohortUnknownError):
        shelf.archive.find(kept.id)
    with pytest.raises(CohortUnknownError):
        shelf.archive.forget(kept.id)
    (listed,) = shelf.archive.all()
    assert listed.forgotten_at_s == shelf.clock.now_s()
    assert shelf.archive.take_in(shelf.folder / "cohort.lcc") == kept


def test_a_cohort_that_nobody_knows_is_not_opened(shelf: Shelf) -> None:
    with pytest.raises(CohortUnknownError, match="cohort-nothing"), shelf.archive.opened("cohort-nothing"):
        pytest.fail("there is nothing to open")


def changed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")


def replaced_by_another_sealed_to_the_same_key(path: Path) -> None:
    key = read_opening_key((path.parent / "cohort.key").read_bytes())
    seal_cohort(path, key.public_key(), people(3, seed=99))


@pytest.mark.parametrize("damage", [changed, replaced_by_another_sealed_to_the_same_key])
def test_a_kept_file_that_is_not_the_imported_one_is_not_opened(shelf: Shelf, damage: Callable[[Path], None]) -> None:
    kept = shelf.cohort(people(3))
    damage(shelf.layout.cohort(kept.id))

    with pytest.raises(CohortDamagedError, match=kept.id), shelf.archive.opened(kept.id):
        pytest.fail("it must not open")


def test_a_kept_file_under_another_key_breaks_when_it_is_read(shelf: Shelf) -> None:
    kept = shelf.cohort(people(3))
    shelf.layout.cohort_key.unlink()
    CohortKey(shelf.layout).public()

    with shelf.archive.opened(kept.id) as opened, pytest.raises(CohortDamagedError):
        list(opened.rows)


def test_nothing_of_what_is_in_a_cohort_reaches_database_log_or_error(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rows = list(people(30, prefix="pseudonym-"))
    kept = shelf.cohort(rows)
    said: list[str] = []
    for embedding, _ in UNFIT.values():
        file = shelf.file(rows_with(17, embedding), name="bad.lcc")
        with pytest.raises(ProvisioningError) as refused:
            shelf.archive.take_in(file)
        said += [str(refused.value), repr(refused.value), str(refused.value.__cause__)]

    with sqlite3.connect(shelf.folder / "lite.db") as connection:
        dump = "\n".join(connection.iterdump())
    key = shelf.layout.cohort_key.read_text().splitlines()[1]
    for text in (dump, caplog.text, *said):
        assert "pseudonym-" not in text
        assert "p00016" not in text
        assert all(row.embedding.hex()[:16] not in text.lower() for row in rows)
        assert key not in text
    assert kept.id in dump


@pytest.mark.parametrize("head", [{"programme": "a\x1b[2Jb"}, {"matcher": "a\x00"}, {"runtime": "a\nb"}])
def test_a_head_that_would_not_show_as_what_it_is_is_refused(shelf: Shelf, head: dict[str, str]) -> None:
    file = shelf.file(people(3), **head)

    with pytest.raises(CohortRefusedError, match="cannot be shown"):
        shelf.archive.take_in(file)


@pytest.mark.parametrize("when", ["an import", "forgetting"])
def test_what_a_killed_import_left_behind_goes(shelf: Shelf, when: str) -> None:
    """A part holds sealed references, too: whoever forgets a cohort must not keep half of it."""
    kept = shelf.cohort(people(5))
    (shelf.layout.cohort_key.parent / f".{kept.id}.lcc.4711.part").write_bytes(b"half of it")

    if when == "forgetting":
        shelf.archive.forget(kept.id)
    else:
        shelf.cohort(people(5, seed=2))

    assert not [name for name in lying(shelf) if name.endswith(".part")]
