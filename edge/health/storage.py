"""How full the unit's disk is, and from where on that matters: results must never be lost for want of room (R6, F4, F5)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.errors import EdgeError
from edge.spool.spool import Spool

MIB = 2**20
RESUMES_BELOW = 2.0
"""Per cent of the disk below `refuse_percent` from which on a paused unit serves again."""


class Standing(StrEnum):
    """Whether the spool can be used."""

    SOUND = "sound"
    READ_ONLY = "read_only"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """Watermarks of the disk that holds the state directory."""

    warn_percent: float = 80.0
    """From here on somebody is told."""
    refuse_percent: float = 95.0
    """From here on no visit begins."""
    reserve_mib: float = 64.0
    """With less free than this none does, either."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The disk and the spool on it."""

    total_bytes: int
    free_bytes: int
    standing: Standing = Standing.SOUND
    spool_share: float = 0.0
    """How full the spool is by its own limit, 0 to 1."""
    ballast: bool = True
    """Whether the space that is held back for results is there."""

    @property
    def used_percent(self) -> float:
        """Of the disk, 0 to 100; a disk of no size is full."""
        return 100.0 * (1 - self.free_bytes / self.total_bytes) if self.total_bytes > 0 else 100.0


def measure(folder: Path, spool: Spool) -> Storage:
    """Look at the disk and at the spool; costs no write. A disk that does not even answer is full."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return Storage(0, 0, Standing.UNUSABLE)
    total, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
    if disk.f_flag & os.ST_RDONLY:
        return Storage(total, free, Standing.READ_ONLY)
    try:
        spool.data_version()
        return Storage(total, free, Standing.SOUND, spool.used_share(), spool.has_ballast)
    except EdgeError:
        return Storage(total, free, Standing.UNUSABLE)


def is_low(storage: Storage, limits: StorageLimits) -> bool:
    """Whether somebody should be told."""
    least = 2 * limits.reserve_mib * MIB
    return storage.used_percent >= limits.warn_percent or storage.free_bytes < least or not storage.ballast


def is_full(storage: Storage, limits: StorageLimits, *, was_full: bool) -> bool:
    """Whether no visit may begin; one that was full must become a little emptier than it need not have been before."""
    slack = RESUMES_BELOW if was_full else 0.0
    reserve_bytes = limits.reserve_mib * MIB * (1.1 if was_full else 1.0)
    return storage.used_percent >= limits.refuse_percent - slack or storage.free_bytes < reserve_bytes


def bytes_to_free(storage: Storage, limits: StorageLimits) -> int:
    """How much must go so that visits may begin again; 0 where they may."""
    if not is_full(storage, limits, was_full=True):
        return 0
    wanted_free = max((1 - (limits.refuse_percent - RESUMES_BELOW) / 100) * storage.total_bytes, 1.1 * limits.reserve_mib * MIB)
    return max(1, round(wanted_free) - storage.free_bytes + 1)
