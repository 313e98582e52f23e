"""Policies in the spool: the exact bytes, the newest of a name, none rolled back, none lost with a new release (F15)."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.errors import PolicyIdReusedError, PolicyOutdatedError
from edge.spool.database import SCHEMA_VERSION
from edge.spool.rows import KeptPolicy
from edge.spool.spool import Spool
from tests.builders import NOW_S, YEAR_S, policy
from tests.edge.spool_parts import make_aborted, opened, put, queue, receipt_of, sealed_policy, sealed_receipt
from tests.edge.test_spool_crash import die, in_a_child
from wire.policy import Policy
from wire.result import Mode


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with opened(tmp_path) as open_one:
        yield open_one


def version(number: int, name: str = "pension-2027", **changes: int) -> Policy:
    """A policy that was issued so many seconds after the first."""
    return policy(id=f"{name}/{number}", **({"issued_at_s": NOW_S + number} | changes))


def keep(spool: Spool, published: Policy) -> bytes:
    """Put a policy into the spool; the bytes of its envelope."""
    envelope = sealed_policy(published)
    assert spool.put_policy(published, envelope)
    return envelope


def test_a_policy_is_kept_byte_for_byte_and_found_by_its_id(spool: Spool) -> None:
    envelope = keep(spool, version(3))

    assert spool.policy("pension-2027/3") == KeptPolicy("pension-2027/3", envelope, "pension-2027/3", NOW_S + 3)
    assert spool.policy("pension-2027/2") is None
    assert spool.policy("pension-2027") is None


def test_the_same_bytes_again_change_nothing(spool: Spool) -> None:
    envelope = keep(spool, version(3))

    assert not spool.put_policy(version(3), envelope)
    assert spool.policy("pension-2027/3") == KeptPolicy("pension-2027/3", envelope, "pension-2027/3", NOW_S + 3)


def test_other_bytes_under_a_kept_id_are_refused_whatever_they_say(spool: Spool) -> None:
    envelope = keep(spool, version(3))

    for changed in (version(3), version(3, issued_at_s=NOW_S + 99), version(3, not_after_s=NOW_S + 2 * YEAR_S)):
        with pytest.raises(PolicyIdReusedError, match="pension-2027/3 is kept already"):
            spool.put_policy(changed, sealed_policy(changed))

    kept = spool.policy("pension-2027/3")
    assert kept is not None
    assert kept.envelope == envelope


def test_a_newer_version_takes_the_place_of_the_older_one(spool: Spool) -> None:
    keep(spool, version(9))

    keep(spool, version(10))

    older, newer = spool.policy("pension-2027/9"), spool.policy("pension-2027/10")
    assert older is not None
    assert newer is not None
    assert (older.newest, newer.newest) == ("pension-2027/10", "pension-2027/10")
    assert (older.newest_at_s, newer.newest_at_s) == (NOW_S + 10, NOW_S + 10)


@pytest.mark.parametrize(
    "older",
    [
        version(2),
        version(2, issued_at_s=NOW_S + 50),
        version(9, issued_at_s=NOW_S + 2),
    ],
    ids=["older in both", "a smaller number issued later", "a larger number issued earlier"],
)
def test_no_policy_is_rolled_back(spool: Spool, older: Policy) -> None:
    keep(spool, version(3))

    with pytest.raises(PolicyOutdatedError, match="not newer than pension-2027/3"):
        spool.put_policy(older, sealed_policy(older))

    assert spool.policy(older.id) is None


def test_names_do_not_know_of_each_other(spool: Spool) -> None:
    keep(spool, version(30))

    keep(spool, version(1, name="subsidy"))
    keep(spool, version(1, name="pension"))

    kept = spool.policy("pension-2027/30")
    assert kept is not None
    assert kept.newest == "pension-2027/30"


def test_an_expired_policy_goes_only_when_a_newer_one_of_its_name_is_there(spool: Spool) -> None:
    soon = NOW_S + 1000
    keep(spool, version(1, not_after_s=soon))
    keep(spool, version(1, name="subsidy", not_after_s=soon, issued_at_s=NOW_S + YEAR_S))
    keep(spool, version(2, name="subsidy", issued_at_s=NOW_S + YEAR_S, not_after_s=NOW_S + 2 * YEAR_S))
    assert spool.policy("pension-2027/1") is not None
    assert spool.policy("subsidy/1") is None

    keep(spool, version(2, issued_at_s=soon))
    assert spool.policy("pension-2027/1") is not None
    keep(spool, version(3, issued_at_s=soon + 1))

    assert spool.policy("pension-2027/1") is None
    assert spool.policy("pension-2027/2") is not None


def test_power_cut_right_after_a_policy_keeps_it(tmp_path: Path) -> None:
    in_a_child(lambda: [keep(opened(tmp_path), version(3)), die()])

    with opened(tmp_path) as spool:
        assert spool.policy("pension-2027/3") is not None


def scramble_last_page(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096] + random.Random(1).randbytes(4096))


def test_a_damaged_spool_is_rebuilt_with_its_policies(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        envelope = keep(spool, version(3))
        for _ in range(30):
            queue(spool)
    scramble_last_page(tmp_path / "spool.db")

    with opened(tmp_path) as spool:
        assert spool.policy("pension-2027/3") == KeptPolicy("pension-2027/3", envelope, "pension-2027/3", NOW_S + 3)

    assert (tmp_path / f"spool.db.bad-{NOW_S}").exists()


def test_a_policy_with_a_flipped_bit_is_left_behind_and_the_rest_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        flipped, _ = keep(spool, version(3)), keep(spool, version(1, name="subsidy"))
        queued = queue(spool)
    file = tmp_path / "spool.db"
    content = file.read_bytes()
    assert content.count(flipped) == 1
    file.write_bytes(content.replace(flipped, flipped[:-1] + bytes([flipped[-1] ^ 1])))

    with opened(tmp_path) as spool:
        assert spool.policy("pension-2027/3") is None
        assert spool.policy("subsidy/1") is not None
        assert spool.waiting(10, NOW_S) == [queued]


# From one release to the next

_FORMER_SCHEMA = """
CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    next_sequence INTEGER NOT NULL, previous_digest BLOB NOT NULL) STRICT;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    opened_at_s INTEGER NOT NULL, case_id TEXT, mode TEXT NOT NULL CHECK (mode IN ('passive', 'active')), nonce BLOB) STRICT;
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY,
    result_id BLOB NOT NULL UNIQUE, digest BLOB NOT NULL, envelope BLOB NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_try_s INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE receipts (
    sequence INTEGER PRIMARY KEY,
    result_id BLOB NOT NULL UNIQUE, digest BLOB NOT NULL,
    sealed BLOB NOT NULL, issued_at_s INTEGER NOT NULL) STRICT;
CREATE INDEX receipts_by_age ON receipts (issued_at_s);
CREATE TABLE tickets (
    nonce BLOB PRIMARY KEY,
    case_id TEXT NOT NULL, envelope BLOB NOT NULL,
    issued_at_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) STRICT;
PRAGMA user_version = 1;
"""
"""The spool as release 0.1.0 made it."""

_TABLES = ("meta", "attempts", "outbox", "receipts", "tickets")


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A folder with a spool of the former release: results, a receipt, a ticket and an open attempt."""
    full, place = tmp_path / "full", tmp_path / "former"
    for folder in (full, place):
        folder.mkdir()
    with opened(full) as spool:
        rows = [queue(spool) for _ in range(5)]
        receipt = receipt_of(rows[0])
        spool.accept_receipt(receipt, sealed_receipt(receipt))
        permission = put(spool)
        spool.open_attempt(permission.case, Mode.PASSIVE, permission.nonce)
    os.close(os.open(place / "spool.db", os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(place / "spool.db")) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.executescript(_FORMER_SCHEMA)
        old.execute("ATTACH ? AS full", (str(full / "spool.db"),))
        for table in _TABLES:
            old.execute(f"INSERT INTO main.{table} SELECT * FROM full.{table}")  # noqa: S608 (our own words)
        old.commit()
    return place


def content_of(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the former tables."""
    with closing(sqlite3.connect(file)) as connection:
        queries = {table: f"SELECT * FROM {table} ORDER BY 1" for table in _TABLES}  # noqa: S608 (our own words)
        return {table: connection.execute(query).fetchall() for table, query in queries.items()}


def version_of(file: Path) -> int:
    """What the file says of its own version."""
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_spool_of_the_former_release_goes_on_in_place_without_losing_a_row(former: Path) -> None:
    file = former / "spool.db"
    before, inode = content_of(file), file.stat().st_ino
    assert all(before.values())

    with opened(former) as spool:
        assert content_of(file) == before
        assert queue(spool).sequence == 6
        keep(spool, version(3))

    assert file.stat().st_ino == inode
    assert version_of(file) == SCHEMA_VERSION
    with opened(former) as spool:
        assert spool.policy("pension-2027/3") is not None


def test_a_damaged_spool_of_the_former_release_is_rebuilt_as_one_of_this(former: Path) -> None:
    with opened(former) as spool:
        for _ in range(30):
            queue(spool)
    with closing(sqlite3.connect(former / "spool.db")) as old:
        old.executescript("DROP TABLE policies; PRAGMA user_version = 1; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
    scramble_last_page(former / "spool.db")

    with opened(former) as spool:
        assert queue(spool).sequence > 30
        keep(spool, version(3))


# The release that could not yet open an attempt of a full visit


@pytest.fixture
def second(former: Path) -> Path:
    """A folder with a spool of version 2: the former one, and policies."""
    with closing(sqlite3.connect(former / "spool.db")) as old:
        old.executescript(
            "CREATE TABLE policies (policy_id TEXT PRIMARY KEY, name TEXT NOT NULL, number INTEGER NOT NULL,"
            " digest BLOB NOT NULL, envelope BLOB NOT NULL, issued_at_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL) STRICT;"
            "PRAGMA user_version = 2;"
        )
    return former


def test_a_spool_of_version_2_keeps_its_open_attempts_and_opens_full_ones(second: Path) -> None:
    before = content_of(second / "spool.db")
    assert len(before["attempts"]) == 1

    with opened(second) as spool:
        assert content_of(second / "spool.db") == before
        full = spool.open_attempt(None, Mode.FULL, None)
        interrupted, latest = spool.unfinished()

    assert version_of(second / "spool.db") == SCHEMA_VERSION
    assert (interrupted.mode, latest.mode, latest.id) == (Mode.PASSIVE, Mode.FULL, full)
    assert interrupted.ticket is not None


def test_a_full_attempt_of_a_spool_that_was_brought_up_to_date_is_concluded_like_any_other(second: Path) -> None:
    with opened(second) as spool:
        queued = spool.conclude(spool.open_attempt(None, Mode.FULL, None), make_aborted(mode=Mode.FULL))

    with opened(second) as spool:
        assert queued in spool.waiting(10, NOW_S)
        assert [attempt.mode for attempt in spool.unfinished()] == [Mode.PASSIVE]


@pytest.mark.parametrize("statements", range(5))
def test_a_power_cut_at_any_step_from_version_2_loses_no_attempt(
    second: Path, monkeypatch: pytest.MonkeyPatch, statements: int
) -> None:
    from edge.spool import database

    before, upgrade = content_of(second / "spool.db"), database._UPGRADES[2]
    assert len(upgrade) == 4
    monkeypatch.setattr(database, "_UPGRADES", {2: power_cut_after(upgrade[:statements])})
    assert in_a_child(lambda: opened(second)) == -signal.SIGKILL
    monkeypatch.undo()
    assert version_of(second / "spool.db") == 2

    with opened(second):
        assert content_of(second / "spool.db") == before


def power_cut_after(statements: tuple[str, ...]) -> Iterator[str]:
    yield from statements
    die()


def power_cut_before(_: tuple[str, ...]) -> Iterator[str]:
    die()
    yield ""


@pytest.mark.parametrize("cut", [power_cut_before, power_cut_after])
def test_a_power_cut_while_bringing_it_up_to_date_leaves_the_former_spool_whole(
    former: Path, monkeypatch: pytest.MonkeyPatch, cut: Callable[[tuple[str, ...]], Iterator[str]]
) -> None:
    from edge.spool import database

    before, statements = content_of(former / "spool.db"), database._UPGRADES[1]
    monkeypatch.setattr(database, "_UPGRADES", {1: cut(statements)})
    assert in_a_child(lambda: opened(former)) == -signal.SIGKILL
    monkeypatch.undo()
    assert version_of(former / "spool.db") == 1

    with opened(former) as spool:
        assert content_of(former / "spool.db") == before
        keep(spool, version(3))
