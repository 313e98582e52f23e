"""What a process holds, looked at from outside: memory, descriptors, threads, children, and the journal of its spool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True, slots=True)
class Vitals:
    """At one moment between two visits."""

    at_s: float
    """Of the soak, seconds of the wall."""
    visits: int
    rss_bytes: int
    descriptors: int
    threads: int
    children: int
    wal_bytes: int


def look_at(pid: int, wal: Path, at_s: float, visits: int) -> Vitals:
    """Read /proc (proc(5)); raises OSError when the process is gone."""
    place = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (place / "status").read_text(encoding="utf-8").splitlines())
    children = sum(len(task.read_text(encoding="ascii").split()) for task in place.glob("task/*/children"))
    descriptors = sum(1 for _ in (place / "fd").iterdir())
    wal_bytes = wal.stat().st_size if wal.exists() else 0
    rss_bytes = int(status["VmRSS"].split()[0]) * KIB
    return Vitals(at_s, visits, rss_bytes, descriptors, int(status["Threads"]), children, wal_bytes)
