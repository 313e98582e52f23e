"""Facts of a unit that is well, to be spoiled one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edge.health.health import Facts, Limits
from edge.health.storage import MIB, Storage, StorageLimits
from edge.heat import HeatLimits

LIMITS = Limits(StorageLimits(80, 95, 64), HeatLimits(70, 80, 85))
ROOMY = Storage(total_bytes=8000 * MIB, free_bytes=4000 * MIB)
SOUND = Facts(storage=ROOMY, identity_ends_in_s=300 * 86_400)


def facts(**changes: Any) -> Facts:
    """Facts of a unit that is well, but for these."""
    return replace(SOUND, **changes)


def disk(used_percent: float, **changes: Any) -> Storage:
    """A disk of 8000 MiB of which so much is used."""
    return replace(ROOMY, free_bytes=round(8000 * MIB * (1 - used_percent / 100)), **changes)
