"""What the unit remembers about time from one moment, process and boot to the next: a small JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass

from wire.claims import MAX_TIME_S

BOOT_SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment of this boot at which the wall clock was known to be right."""

    wall_s: int
    uptime_s: int


@dataclass(frozen=True, slots=True)
class ClockMemory:
    """Facts about time that do not go away when the battery does."""

    floor_s: int
    """The present is not before this, Unix seconds."""
    ceiling_s: int
    """A wall clock that nobody synchronised is not believed beyond this: the end of the unit's certificate."""
    boot_id: str
    boot_count: int
    boot_seed: bytes
    anchor: Anchor | None


def memory_bytes(memory: ClockMemory) -> bytes:
    """The content of the file."""
    anchor = memory.anchor
    facts = {
        "floor_s": memory.floor_s,
        "ceiling_s": memory.ceiling_s,
        "boot_id": memory.boot_id,
        "boot_count": memory.boot_count,
        "boot_seed": memory.boot_seed.hex(),
        "anchor": [anchor.wall_s, anchor.uptime_s] if anchor else None,
    }
    return json.dumps(facts).encode() + b"\n"


def read_memory(content: bytes) -> ClockMemory | None:
    """The memory in a file, or None when the file was damaged."""
    try:
        match json.loads(content):
            case {
                "floor_s": int() as floor_s,
                "ceiling_s": int() as ceiling_s,
                "boot_id": str() as boot_id,
                "boot_count": int() as boot_count,
                "boot_seed": str() as boot_seed,
                "anchor": anchor,
            }:
                memory = ClockMemory(floor_s, ceiling_s, boot_id, boot_count, bytes.fromhex(boot_seed), _read_anchor(anchor))
            case _:
                return None
    except ValueError:
        return None
    return memory if _plausible(memory) else None


def _read_anchor(anchor: object) -> Anchor | None:
    match anchor:
        case [int() as wall_s, int() as uptime_s]:
            return Anchor(wall_s, uptime_s)
        case _:
            return None


def _plausible(memory: ClockMemory) -> bool:
    within = 0 <= memory.floor_s <= MAX_TIME_S and 0 <= memory.ceiling_s <= MAX_TIME_S
    return within and 0 <= memory.boot_count < 2**32 and len(memory.boot_seed) == BOOT_SEED_BYTES
