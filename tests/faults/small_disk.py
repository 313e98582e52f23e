"""Runs a story on a disk of its own, in a child process with mounts of its own: a real file system that is really full.

`python -m tests.faults.small_disk STORY KIB` is what runs inside; it prints what was seen as one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from edge.errors import EdgeError, StoreFullError
from edge.health.diagnosis import of_storage
from edge.health.faults import fault_of_error
from edge.health.storage import StorageLimits
from edge.spool.rows import Limits
from edge.spool.spool import Spool, open_spool
from tests.builders import NOW_S
from tests.edge.spool_parts import make, queue
from tests.faults.duty import OnDuty, on_duty
from wire.result import Mode

Seen = dict[str, object]


def told_on_a_small_disk(story: str, kib: int) -> Seen:
    """What a story saw on a disk of so many KiB."""
    mapped = () if os.geteuid() == 0 else ("--map-root-user",)
    command = ["unshare", "--mount", *mapped, sys.executable, "-m", "tests.faults.small_disk", story, str(kib)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout)
    assert isinstance(seen, dict)
    return seen


def filled(spool: Spool, folder: Path) -> Seen:
    """Results are queued until no visit may begin, on a disk that others fill as well; then there is room again."""
    attempt = spool.open_attempt(None, Mode.ACTIVE, None)
    others = folder / "others"
    with others.open("wb", buffering=0) as file, suppress(OSError):
        while True:  # until the disk is full to the last page
            file.write(bytes(4096))
    spool.conclude(attempt, make())
    count = spool.count_waiting()
    refused = ""
    try:
        spool.open_attempt(None, Mode.ACTIVE, None)
    except StoreFullError as error:
        refused = str(error)
    others.unlink()
    queue(spool)
    return {"kept": count, "refused": refused, "after": spool.count_waiting(), "ballast": spool.has_ballast}


def queue_on_a_full_disk(folder: Path) -> Seen:
    """The spool alone."""
    limits = Limits(store_bytes=256 * 1024, ballast_bytes=64 * 1024, spare_bytes=32 * 1024)
    with open_spool(folder / "spool.db", lambda: NOW_S, limits) as spool:
        return filled(spool, folder)


WATERMARKS = StorageLimits(warn_percent=80, refuse_percent=95, reserve_mib=0.05)


def _look(duty: OnDuty) -> list[str]:
    duty.turn(after_s=20)
    health = duty.rounds.watch.look()
    return [health.state.value, *health.faults]


def _fill_to(folder: Path, percent: float) -> None:
    """Let others fill the disk up to so much."""
    with (folder / "others").open("ab") as file:
        while True:
            disk = os.statvfs(folder)
            if 100 * (1 - disk.f_bavail / disk.f_blocks) >= percent:
                return
            file.write(bytes(2048))
            file.flush()


def serve_on_a_filling_disk(folder: Path) -> Seen:
    """A unit on duty while the disk of its state fills up to each watermark."""
    seen: Seen = {}
    cache = folder / "cache"
    cache.mkdir()
    with on_duty(folder, limits=WATERMARKS, cache=cache) as duty:
        duty.desk.ticket(case="case-1", nonce=b"\x01" * 16)
        seen["empty"] = _look(duty)
        _fill_to(folder, 82)
        seen["warned"] = _look(duty)
        (cache / "embedder.ort").write_bytes(bytes(150_000))
        (folder / "survey.csv").write_bytes(bytes(150_000))
        _fill_to(folder, 96)
        seen["purged"] = _look(duty)
        seen["left"] = sorted(each.name for each in (*cache.iterdir(), *folder.glob("*.csv")))
        _fill_to(folder, 97)
        seen["purged again"] = _look(duty)
        _fill_to(folder, 97)
        seen["full"] = [*_look(duty), *duty.shows]
        duty.desk.ticket(case="case-2", nonce=b"\x02" * 16)
        seen["while full"] = [_look(duty)[0], str(len(duty.results)), str(duty.is_dark)]
        (folder / "others").unlink()
        seen["after"] = _look(duty)
        seen["verdicts"] = [result.verdict.value for result in duty.results]
    return seen


def look_at_a_read_only_disk(folder: Path) -> Seen:
    """The unit's folder is seen through a mount that takes no write, as after an error of the card."""
    behind = folder.parent / "read-only"
    behind.mkdir()
    with on_duty(folder, limits=StorageLimits(reserve_mib=0.05), place=behind) as duty:
        duty.desk.ticket(case="case-1", nonce=b"\x01" * 16)
        _mount("--bind", str(folder), str(behind))
        _mount("-o", "remount,bind,ro", str(behind))
        seen: Seen = {"state": _look(duty), "shows": list(duty.shows), "results": len(duty.results)}
        try:
            open_spool(behind / "spool.db", lambda: NOW_S)
        except EdgeError as error:
            seen["spool"] = fault_of_error(error).value
        found = of_storage(behind, StorageLimits(reserve_mib=0.05))
        seen["doctor"] = [found.ok, found.code or ""]
        _mount("-o", "remount,bind,rw", str(behind))
        seen["after"] = _look(duty)
        seen["served"] = len(duty.results)
    return seen


STORIES: Mapping[str, Callable[[Path], Seen]] = {
    each.__name__: each for each in (queue_on_a_full_disk, serve_on_a_filling_disk, look_at_a_read_only_disk)
}


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def main(story: str, kib: str) -> None:
    """Inside the child: mount, tell, print."""
    place = Path(tempfile.mkdtemp()) / "disk"
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={kib}k", "none", str(place))
    folder = place / "state"
    folder.mkdir()
    sys.stdout.write(json.dumps(STORIES[story](folder)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
