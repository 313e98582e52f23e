"""Storage fills up or takes no write, on real file systems: nothing is lost, visits stop before, and go on after (F4, F5, R6)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.health.purge import Expendable, Worth, find_expendables, make_room, plan
from edge.health.storage import MIB, Storage, StorageLimits, bytes_to_free, is_full, measure
from tests.edge.spool_parts import opened, queue
from tests.faults.duty import on_duty
from tests.faults.small_disk import told_on_a_small_disk


def test_on_a_disk_of_600_kb_that_is_full_to_the_last_page_the_open_visit_gets_its_result_and_no_other_begins() -> None:
    seen = told_on_a_small_disk("queue_on_a_full_disk", 600)

    assert (seen["kept"], seen["after"]) == (1, 2)
    assert str(seen["refused"]).startswith("STORE_FULL: too little space is free")
    assert seen["ballast"] is True


def test_a_disk_of_2_mb_is_told_purged_paused_and_served_again_and_no_result_is_lost() -> None:
    seen = told_on_a_small_disk("serve_on_a_filling_disk", 3000)

    assert seen["empty"] == ["serving"]
    assert seen["warned"] == ["degraded", "storage_low"]
    assert seen["purged"] == ["degraded", "storage_low"]
    assert seen["left"] == ["survey.csv"]
    assert seen["purged again"] == ["degraded", "storage_low"]
    assert seen["full"] == ["paused", "storage_full", "FAULT", "STORAGE_LOW"]
    assert seen["while full"] == ["paused", "1", "True"]
    assert seen["after"] == ["serving"]
    assert seen["verdicts"] == ["accepted", "accepted"]


def test_a_disk_that_takes_no_write_is_named_the_program_lives_and_serves_when_it_does() -> None:
    seen = told_on_a_small_disk("look_at_a_read_only_disk", 4000)

    assert seen["state"] == ["paused", "store_read_only"]
    assert seen["shows"] == ["FAULT", "STORE_FULL"]
    assert seen["results"] == 0
    assert seen["doctor"] == [False, "STORE_FULL"]
    assert seen["spool"] == "store_unusable"
    assert (seen["after"], seen["served"]) == (["serving"], 1)


def files(*rows: tuple[str, int, Worth]) -> tuple[Expendable, ...]:
    return tuple(Expendable(Path(name), size, worth) for name, size, worth in rows)


def test_as_few_files_go_as_give_enough_and_the_least_worth_first() -> None:
    found = files(
        ("lens.json", 10, Worth.PATIENCE),
        ("small.ort", 20, Worth.FASTER_START),
        ("large.ort", 90, Worth.FASTER_START),
        ("day.csv", 50, Worth.DIARY),
        ("half.part", 5, Worth.LEFTOVER),
    )

    assert [each.path.name for each in plan(found, 1)] == ["half.part"]
    assert [each.path.name for each in plan(found, 95)] == ["half.part", "large.ort"]
    assert [each.path.name for each in plan(found, 120)] == ["half.part", "large.ort", "small.ort", "day.csv"]
    assert len(plan(found, 10**9)) == 5
    assert plan(found, 0) == ()


KEPT = ("spool.db", "spool.db-wal", "spool.db.ballast", "centre.json", "clock.json", "models.json", "photo.png", "new.part")


def test_nothing_goes_that_cannot_be_had_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for name in (*KEPT, "old.part", "lens.json", "lamps.json", "survey.csv"):
        (tmp_path / name).write_bytes(bytes(5000))
    for name in ("yunet_n.onnx", "embedder.ort", "sface.bad-0a1b2c3d"):
        (cache / name).write_bytes(bytes(5000))
    (tmp_path / "link.csv").symlink_to(tmp_path / "spool.db")
    os.utime(tmp_path / "old.part", (0, 0))
    now_s = (tmp_path / "new.part").stat().st_mtime

    freed = make_room(plan(find_expendables(tmp_path, cache, now_s), 10**9))

    assert freed >= 6 * 5000
    left = {each.name for each in (*tmp_path.iterdir(), *cache.iterdir())}
    assert left == {*KEPT, "link.csv", "cache", "yunet_n.onnx"}


@pytest.mark.parametrize("used", [95.0, 97.0, 99.9, 100.0])
def test_what_is_planned_to_go_is_enough_to_serve_again(used: float) -> None:
    limits, total = StorageLimits(80, 95, 64), 8000 * MIB
    storage = Storage(total, round(total * (1 - used / 100)))

    after = Storage(total, storage.free_bytes + bytes_to_free(storage, limits))

    assert is_full(storage, limits, was_full=False)
    assert not is_full(after, limits, was_full=True)
    assert bytes_to_free(Storage(total, total // 2), limits) == 0


def test_a_spool_tells_how_full_it_is_and_whether_its_ballast_is_there(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        empty = measure(tmp_path, spool)
        for _ in range(20):
            queue(spool)
        filled = measure(tmp_path, spool)
        (tmp_path / "spool.db.ballast").write_bytes(b"")

        assert (empty.ballast, filled.ballast, measure(tmp_path, spool).ballast) == (True, True, False)
        assert 0 < empty.spool_share < filled.spool_share < 1
        assert empty.total_bytes > empty.free_bytes > 0


def test_looking_after_the_unit_waits_for_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that takes five seconds for each sync must not stop the light and the screen (F14)."""
    synced: list[int] = []
    with on_duty(tmp_path) as duty:
        duty.turn()
        monkeypatch.setattr(os, "fsync", synced.append)

        for _ in range(100):
            duty.turn(after_s=5)

    assert len(synced) <= 2  # the one note that is due after ten minutes: the file and its folder
