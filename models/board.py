"""Which board this is: what was measured on one says nothing of another."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

_PLACES = ("/proc/device-tree/model", "/sys/firmware/devicetree/base/model")
_UNKNOWN = "unknown"
_RECKONING = ("amx", "asimd", "avx", "bf16", "fma", "fphp", "i8mm", "neon", "sme", "sve")
"""How the words begin by which a kernel names instructions that networks are made of."""


@dataclass(frozen=True, slots=True)
class Board:
    """A kind of machine."""

    name: str
    """What the firmware calls it, as "Raspberry Pi 4 Model B Rev 1.5", or else its processor."""
    machine: str
    """What the kernel runs on, as aarch64."""
    features: str = ""
    """What its processor can reckon with, as far as networks use it: "avx2 fma", "asimd asimddp"."""


def this_board(root: Path = Path("/")) -> Board:
    """Say which board this is; `root` is where its `/proc` lies."""
    told = (line.partition(":") for line in _text(root / "proc/cpuinfo").splitlines())
    facts = {key.strip().lower(): value.strip() for key, _, value in told}
    names = (_text(root / place.lstrip("/")).strip("\0\n ") for place in _PLACES)
    name = next(filter(None, names), "") or facts.get("model name") or facts.get("cpu part") or _UNKNOWN
    words = (facts.get("flags") or facts.get("features") or "").split()
    features = " ".join(sorted(word for word in words if word.startswith(_RECKONING)))
    return Board(name, platform.machine() or _UNKNOWN, features)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
