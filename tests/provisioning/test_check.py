"""The check names every leaf that is not as it was written, whatever a person with all rights has edited (F42)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from sqlalchemy import text

from provisioning.ledger.check import CheckReport, LedgerCheck
from provisioning.ledger.models import Fault
from provisioning.ledger.page import LedgerReader
from tests.builders import key
from tests.provisioning.fleet import CENTRE, Fleet, Unit
from wire.reasons import Reason
from wire.result import Verdict

LEAVES = 5


@pytest.fixture
def book(fleet: Fleet) -> Fleet:
    """Five sound leaves."""
    unit = fleet.unit()
    for number in range(LEAVES - 1):
        fleet.append(unit, unit.result(fleet.ticket(unit, f"case-{number}")))
    fleet.append(unit, unit.result(verdict=Verdict.REFUSED, reasons=(Reason.TOO_DARK, Reason.HOLD_STILL)))
    return fleet


def checked(fleet: Fleet) -> CheckReport:
    return LedgerCheck(fleet.database, CENTRE.public_key).run()


def edit(fleet: Fleet, statement: str, **values: object) -> None:
    """Change the table as someone with all rights would: first the triggers go."""
    with fleet.database.writing() as transaction:
        if transaction.dialect.name == "sqlite":
            for trigger in ("leaves_no_update", "leaves_no_delete"):
                transaction.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            transaction.execute(text("ALTER TABLE leaves DISABLE TRIGGER ALL"))
        transaction.execute(text(statement), values)


def test_a_sound_book_has_no_faults(book: Fleet) -> None:
    assert checked(book) == CheckReport(LEAVES, ())


def test_an_empty_book_is_sound(fleet: Fleet) -> None:
    assert checked(fleet) == CheckReport(0, ())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("UPDATE leaves SET verdict = 'refused' WHERE leaf = 2", "verdict"),
        ("UPDATE leaves SET reasons = 'TOO_DARK' WHERE leaf = 2", "reasons"),
        ("UPDATE leaves SET subject = 'someone-else' WHERE leaf = 2", "subject"),
        ("UPDATE leaves SET case_id = 'case-99' WHERE leaf = 2", "case"),
        ("UPDATE leaves SET sequence = 77 WHERE leaf = 2", "sequence"),
        ("UPDATE leaves SET nonce = NULL WHERE leaf = 2", "nonce"),
        ("UPDATE leaves SET standing = 'quarantined' WHERE leaf = 2", "receipt"),
        ("UPDATE leaves SET received_at_s = received_at_s - 86400 WHERE leaf = 2", "receipt"),
    ],
)
def test_an_edited_column_is_found_and_its_leaf_is_named(book: Fleet, change: str, complaint: str) -> None:
    edit(book, change)

    faults = checked(book).faults

    assert {fault.leaf for fault in faults} == {2}
    assert any(complaint in fault.what for fault in faults)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leaves SET envelope = :other WHERE leaf = 3",
        "UPDATE leaves SET receipt = :other WHERE leaf = 3",
        "UPDATE leaves SET envelope_sha256 = :other WHERE leaf = 3",
        "UPDATE leaves SET leaf_hash = :other WHERE leaf = 3",
        "UPDATE leaves SET payload_sha256 = :other WHERE leaf = 3",
        "UPDATE leaves SET result_id = :other WHERE leaf = 3",
        "UPDATE leaves SET key_id = :other WHERE leaf = 3",
    ],
)
def test_edited_bytes_are_found(book: Fleet, change: str) -> None:
    edit(book, change, other=b"\x01" * 32)

    assert {fault.leaf for fault in checked(book).faults} == {3}


def test_a_deleted_leaf_is_missed(book: Fleet) -> None:
    edit(book, "DELETE FROM leaves WHERE leaf = 1")

    assert Fault(1, "missing: the next leaf is 2") in checked(book).faults


def test_a_result_that_was_exchanged_with_all_its_digests_is_found_by_its_receipt(book: Fleet) -> None:
    unit = Unit("unit-00001", key(1), b"")
    unit.sequence, unit.previous = 40, b"\x05" * 32
    with book.database.reading() as transaction:
        row = transaction.exec_driver_sql("SELECT certificate FROM certificates").scalar_one()
    unit.certificate = bytes(row)
    other = book.arrival(unit, unit.result())
    edit(
        book,
        "UPDATE leaves SET envelope = :envelope, envelope_sha256 = :digest, leaf_hash = :leaf_hash, payload_sha256 = :payload,"
        " sequence = :sequence, previous = :previous, result_id = :result, verdict = 'accepted', reasons = '', case_id = NULL,"
        " subject = NULL, nonce = NULL WHERE leaf = 0",
        envelope=other.envelope,
        digest=hashlib.sha256(other.envelope).digest(),
        leaf_hash=hashlib.sha256(b"\x00" + other.envelope).digest(),
        payload=other.payload_sha256,
        sequence=other.statement.sequence,
        previous=other.statement.previous,
        result=other.statement.result_id,
    )

    assert checked(book).faults == (Fault(0, "its receipt says something else"),)


def test_a_receipt_of_another_centre_is_found(book: Fleet) -> None:
    stranger = LedgerCheck(book.database, key(77).public_key())

    assert {fault.leaf for fault in stranger.run().faults} == set(range(LEAVES))


def test_a_key_that_was_exchanged_in_the_register_is_found(book: Fleet) -> None:
    edit(book, "UPDATE certificates SET public_key = :other", other=b"\x30\x00")

    assert {fault.leaf for fault in checked(book).faults} == set(range(LEAVES))


def test_rows_for_people_say_whether_they_were_checked(book: Fleet) -> None:
    reader = LedgerReader(book.database, LedgerCheck(book.database, CENTRE.public_key))
    edit(book, "UPDATE leaves SET verdict = 'attack' WHERE leaf = 0")

    rows = reader.rows(0, 10)

    assert [row.checked for row in rows] == [False, True, True, True, True]
    assert [row.similarity for row in rows] == [None, 7421, 7421, 7421, 7421]
    assert rows[4].reasons == ("TOO_DARK", "HOLD_STILL")


@pytest.mark.parametrize(("first", "most", "expected"), [(0, 2, [0, 1]), (3, 10, [3, 4]), (9, 5, [])])
def test_rows_are_read_in_order_from_any_leaf(book: Fleet, first: int, most: int, expected: list[int]) -> None:
    reader = LedgerReader(book.database, LedgerCheck(book.database, CENTRE.public_key))

    assert [row.leaf for row in reader.rows(first, most)] == expected


def test_a_page_shows_the_newest_first_and_counts_all(book: Fleet) -> None:
    reader = LedgerReader(book.database, LedgerCheck(book.database, CENTRE.public_key))
    read: Callable[[int | None], list[int]] = lambda before: [row.leaf for row in reader.page(2, before).rows]  # noqa: E731

    assert read(None) == [4, 3]
    assert read(3) == [2, 1]
    page = reader.page(2, None)
    assert page.leaves == LEAVES
    assert {(tally.verdict, tally.leaves) for tally in page.tallies} == {("accepted", 4), ("refused", 1)}
