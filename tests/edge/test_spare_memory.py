"""What nobody holds any more goes back to the kernel, after every visit."""

from __future__ import annotations

import os
from pathlib import Path

from edge.spare_memory import give_back_memory

MB = 1_000_000


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_was_freed_is_given_back() -> None:
    held = [bytes(10_000) for _ in range(8_000)]
    above = [bytes(10_000) for _ in range(100)]  # As long as it is there, glibc gives back nothing of what lies below.
    del held
    kept = resident_bytes()

    give_back_memory()

    assert kept - resident_bytes() > 40 * MB
    assert len(above) == 100
