"""The spool on bad storage: full, read-only, damaged, mixed up (F4 to F8). A sequence number is never used twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.errors import EdgeError, SpoolDamagedError, StoreFullError, StoreUnusableError
from edge.spool.ballast import Ballast
from edge.spool.rows import Head, Limits, Queued
from edge.spool.spool import Spool, open_spool
from tests.builders import NOW_S
from tests.edge.spool_parts import make, opened, put, queue, receipt_of, sealed_receipt
from tests.edge.test_spool_crash import die, in_a_child
from wire.result import Mode

RESULTS = 40


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A folder with a spool of forty results, one of them with its receipt, a ticket and an open attempt."""
    with opened(tmp_path) as spool:
        first, *_ = [queue(spool) for _ in range(RESULTS)]
        receipt = receipt_of(first)
        spool.accept_receipt(receipt, sealed_receipt(receipt))
        put(spool)
        spool.open_attempt(None, Mode.ACTIVE, None)
    return tmp_path


# Damage


def zero_first_page(file: Path) -> None:
    file.write_bytes(bytes(4096) + file.read_bytes()[4096:])


def cut_in_half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def scramble_last_page(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096] + random.Random(1).randbytes(4096))


def fill_with_text(file: Path) -> None:
    file.write_text("this is no database\n" * 500, "ascii")


@pytest.mark.parametrize("damage", [zero_first_page, cut_in_half, empty, fill_with_text, scramble_last_page])
def test_a_damaged_spool_is_set_aside_and_the_numbers_go_on(filled: Path, damage: Callable[[Path], None]) -> None:
    damage(filled / "spool.db")

    with opened(filled) as spool:
        assert spool.head().sequence > RESULTS
        assert queue(spool).sequence > RESULTS

    assert (filled / f"spool.db.bad-{NOW_S}").exists()


def test_rows_outside_the_damage_are_salvaged(filled: Path) -> None:
    scramble_last_page(filled / "spool.db")

    with opened(filled) as spool:
        waiting = spool.waiting(100, NOW_S)

        assert len(waiting) > RESULTS // 2
        assert all(row.envelope for row in waiting)
        assert queue(spool).sequence > RESULTS


def test_random_bit_flips_never_lead_to_a_number_used_twice(filled: Path) -> None:
    chance = random.Random(6)
    sound = (filled / "spool.db").read_bytes()
    for trial in range(40):
        folder = filled / f"trial-{trial}"
        folder.mkdir()
        content = bytearray(sound)
        for _ in range(chance.choice([1, 8, 200])):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (folder / "spool.db").write_bytes(content)
        shutil.copy(filled / "spool.db.head", folder / "spool.db.head")

        with opened(folder) as spool:
            assert queue(spool).sequence > RESULTS


def test_without_any_trace_of_the_head_nothing_is_signed(filled: Path) -> None:
    zero_first_page(filled / "spool.db")
    (filled / "spool.db.head").unlink()

    for _ in range(2):
        with pytest.raises(SpoolDamagedError, match="enrol the unit anew"):
            opened(filled)

    assert (filled / "spool.db").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff\xfe\x00", b'{"next_sequence": 0, "previous": ""}', b'{"next_sequence": 9, "previous": "00"}']
)
def test_a_damaged_note_is_no_trouble_while_the_spool_is_sound(filled: Path, content: bytes) -> None:
    (filled / "spool.db.head").write_bytes(content)

    with opened(filled) as spool:
        assert queue(spool).sequence == RESULTS + 1


def test_a_lost_log_leaves_a_gap_and_no_number_used_twice(tmp_path: Path) -> None:
    """F7: the results that stood only in the log are gone; the note beside the spool remembers how far they went."""
    in_a_child(lambda: [queue(opened(tmp_path)) for _ in range(1)] + [queue(opened(tmp_path)), die()])
    (tmp_path / "spool.db-wal").unlink()

    with opened(tmp_path) as spool:
        assert queue(spool).sequence == 4


def test_a_deleted_spool_is_noticed(filled: Path) -> None:
    (filled / "spool.db").unlink()

    with opened(filled) as spool:
        assert queue(spool).sequence == RESULTS + 2


def test_a_journal_of_another_database_is_never_played_back(filled: Path) -> None:
    """F8: a hot rollback journal is written by a process that dies in the middle of a transaction."""
    other = filled / "other.db"

    def leave_a_journal() -> None:
        connection = sqlite3.connect(other)
        connection.executescript("PRAGMA cache_size = 1; CREATE TABLE t (x); INSERT INTO t VALUES (randomblob(90000)); ")
        connection.execute("UPDATE t SET x = randomblob(90000)")
        die()

    in_a_child(leave_a_journal)
    shutil.copy(f"{other}-journal", filled / "spool.db-journal")

    with opened(filled) as spool:
        assert spool.count_waiting() == RESULTS - 1

    assert (filled / f"spool.db-journal.bad-{NOW_S}").exists()


def test_a_log_of_another_spool_does_not_make_numbers_come_again(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    in_a_child(lambda: [queue(opened(other)), die()])
    shutil.copy(other / "spool.db-wal", filled / "spool.db-wal")

    with opened(filled) as spool:
        assert queue(spool).sequence > RESULTS


@pytest.mark.parametrize("step", range(1, 4))
def test_a_power_cut_while_exchanging_the_damaged_file_is_mended_at_the_next_start(
    filled: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    scramble_last_page(filled / "spool.db")
    steps = iter(range(1, 100))
    replace = Path.replace

    def replace_until_the_cut(self: Path, target: Path) -> Path:
        if next(steps) == step:
            die()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_until_the_cut)
    ended = in_a_child(lambda: opened(filled))
    monkeypatch.undo()

    assert ended == -signal.SIGKILL
    with opened(filled) as spool:
        assert queue(spool).sequence > RESULTS
        assert spool.count_waiting() > 1


def test_a_spool_of_a_newer_release_is_left_alone(filled: Path) -> None:
    with sqlite3.connect(filled / "spool.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreUnusableError, match="newer release"):
        opened(filled)

    assert not (filled / f"spool.db.bad-{NOW_S}").exists()


def test_a_program_notices_that_its_spool_was_set_aside(filled: Path) -> None:
    with opened(filled) as uplink:
        (filled / "spool.db").replace(filled / "elsewhere.db")
        opened(filled).close()

        with pytest.raises(StoreUnusableError, match="replaced"):
            uplink.data_version()


def test_nothing_is_concluded_into_a_spool_that_was_set_aside(filled: Path) -> None:
    """The attempt was carried over into the new spool, so it is reported there."""
    with opened(filled) as edge:
        attempt = edge.open_attempt(None, Mode.ACTIVE, None)
        scramble_last_page(filled / "spool.db")
        opened(filled).close()

        with pytest.raises(StoreUnusableError, match="replaced"):
            edge.conclude(attempt, make())
        with pytest.raises(StoreUnusableError, match="replaced"):
            edge.open_attempt(None, Mode.ACTIVE, None)

    with opened(filled) as spool:
        assert attempt in [left.id for left in spool.unfinished()]


# Full


SMALL = Limits(store_bytes=200 * 1024, spare_bytes=64 * 1024)


def fill(spool: Spool) -> list[Queued]:
    """Make results until the spool refuses another attempt."""
    rows: list[Queued] = []
    while len(rows) < 1000:
        rows.append(queue(spool))
    return rows


def test_a_full_store_refuses_the_visit_before_capture_and_keeps_its_rows(tmp_path: Path) -> None:
    with opened(tmp_path, limits=SMALL) as spool:
        with pytest.raises(StoreFullError, match="STORE_FULL"):
            fill(spool)

        rows = spool.waiting(1000, NOW_S)

        assert [row.sequence for row in rows] == list(range(1, spool.head().sequence))
        assert len(rows) > 30
        assert spool.unfinished() == []


def test_receipts_make_room_again(tmp_path: Path) -> None:
    with opened(tmp_path, limits=SMALL) as spool:
        with pytest.raises(StoreFullError):
            fill(spool)
        rows = spool.waiting(1000, NOW_S)

        for row in rows:
            receipt = receipt_of(row)
            spool.accept_receipt(receipt, sealed_receipt(receipt))

        assert queue(spool).sequence == len(rows) + 1


def test_the_result_of_an_open_attempt_has_room_even_when_the_store_has_filled_meanwhile(tmp_path: Path) -> None:
    with opened(tmp_path, limits=SMALL) as spool:
        attempt = spool.open_attempt(None, Mode.ACTIVE, None)
        with pytest.raises(StoreFullError):
            fill(spool)

        assert spool.conclude(attempt, make()).envelope


def test_a_disk_without_room_refuses_the_visit(tmp_path: Path) -> None:
    with opened(tmp_path, limits=Limits(spare_bytes=2**62)) as spool, pytest.raises(StoreFullError, match="free on the disk"):
        spool.open_attempt(None, Mode.ACTIVE, None)


def test_a_disk_that_fills_during_the_visit_takes_the_result_from_the_ballast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite finds the disk full once; the space held back is given free and the same bytes are written."""
    sealed: list[bytes] = []

    def make_and_remember(head: Head) -> bytes:
        sealed.append(make()(head))
        return sealed[-1]

    with opened(tmp_path) as spool:
        attempt = spool.open_attempt(None, Mode.ACTIVE, None)
        connection = FullOnce(spool._connection)
        monkeypatch.setattr(spool, "_connection", connection)

        queued = spool.conclude(attempt, make_and_remember)

        assert connection.was_full
        assert [queued.envelope] == sealed
        assert [row.envelope for row in spool.waiting(10, NOW_S)] == sealed
        assert (tmp_path / "spool.db.ballast").stat().st_size == 0


class FullOnce:
    """A connection whose first commit finds the disk full, as SQLite says it."""

    def __init__(self, real: sqlite3.Connection) -> None:
        self._real, self.was_full = real, False

    @property
    def in_transaction(self) -> bool:
        return self._real.in_transaction

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        if statement == "COMMIT" and not self.was_full:
            self.was_full = True
            raise self._disk_full()
        return self._real.execute(statement, values)

    def close(self) -> None:
        self._real.close()

    @staticmethod
    def _disk_full() -> sqlite3.Error:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        return error


def test_ballast_is_laid_shed_once_and_laid_again(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 64 * 1024)

    assert ballast.lay()
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= 64 * 1024
    assert (ballast.shed(), ballast.shed()) == (True, False)
    assert ballast.lay()
    assert not Ballast(tmp_path / "no folder" / "ballast", 1).lay()
    assert not Ballast(tmp_path / "no folder" / "ballast", 1).shed()


# Not to be written at all


def test_a_place_that_is_no_folder_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="could not be written"):
        open_spool(tmp_path / "missing" / "spool.db", lambda: NOW_S)
