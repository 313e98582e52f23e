"""Which boards can be units, and what each needs: a table and one judgement, without a look at the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from edge.install.errors import BoardUnfitError
from edge.install.facts import Facts

LEAST_MEMORY_MIB = 900
LEAST_FREE_MIB = 1500
"""The environment takes 500 MiB, its packages while they are fetched 250, the networks 30; the rest is for spool and updates."""
RASPBERRY_PI = re.compile(r"Raspberry Pi (4|5|400|500|Compute Module 4|Compute Module 5)\b")


class BoardWord(StrEnum):
    """The word in the settings, `unit.board`."""

    PI = "pi"
    JETSON = "jetson"
    USB = "usb"
    TWIN = "twin"


@dataclass(frozen=True, slots=True)
class Fit:
    """A board that can be a unit."""

    board: BoardWord
    camera: str
    python: str
    """Version of Python, which decides on the locked set of packages."""
    packages: tuple[str, ...]
    """Debian packages."""


VENV = {"bookworm": ("3.11", "python3-venv"), "trixie": ("3.13", "python3-venv"), "jammy": ("3.11", "python3.11-venv")}
"""Codename -> version of Python, and the package that can make environments with it."""
CAMERA = {BoardWord.PI: "pi", BoardWord.JETSON: "jetson", BoardWord.USB: "usb:0", BoardWord.TWIN: "usb:0"}
PARTS = {
    BoardWord.PI: ("python3-picamera2", "python3-lgpio", "alsa-utils", "fonts-wqy-microhei"),
    BoardWord.JETSON: ("alsa-utils", "fonts-wqy-microhei"),
    BoardWord.USB: ("alsa-utils", "fonts-wqy-microhei"),
    BoardWord.TWIN: (),
}


def judge(facts: Facts, wanted: BoardWord | None = None, camera: str | None = None) -> Fit:
    """What this board needs to become a unit; `wanted` is a board that the installer named. Raises `BoardUnfitError`."""
    board = wanted or recognised(facts)
    reasons = list(_reasons(facts, board))
    if reasons:
        raise BoardUnfitError(reasons)
    python, venv = VENV[facts.codename]
    return Fit(board, camera or CAMERA[board], python, (venv, *PARTS[board]))


def recognised(facts: Facts) -> BoardWord:
    """The board by what it says of itself; a machine that says nothing can still use a USB camera."""
    if "Raspberry Pi" in facts.model:
        return BoardWord.PI
    if facts.l4t is not None or "Jetson" in facts.model:
        return BoardWord.JETSON
    return BoardWord.USB


def _reasons(facts: Facts, board: BoardWord) -> Iterator[str]:
    """Every reason why not, so that nobody has to come three times."""
    yield from _of_the_board(facts, board)
    yield from _of_the_system(facts, board)
    if facts.memory_mib < LEAST_MEMORY_MIB:
        yield f"it has {facts.memory_mib} MiB of memory, at least {LEAST_MEMORY_MIB} are needed"
    if facts.free_mib < LEAST_FREE_MIB:
        yield f"{facts.free_mib} MiB are free below /opt, at least {LEAST_FREE_MIB} are needed"


def _of_the_board(facts: Facts, board: BoardWord) -> Iterator[str]:
    if facts.machine not in ("aarch64", "x86_64"):
        yield f"its system is for {facts.machine or 'an unknown processor'}: use the 64-bit image"
    if board is BoardWord.PI and not RASPBERRY_PI.match(facts.model):
        yield f"it is {facts.model or 'no Raspberry Pi'}, and the Raspberry Pi 4 and 5 are supported (also 400, 500, CM4, CM5)"
    if board is BoardWord.JETSON and (facts.l4t is None or facts.l4t[0] != 36):
        found = f"R{facts.l4t[0]}.{facts.l4t[1]}" if facts.l4t else "no release file of NVIDIA's Linux"
        yield f"it has {found}, and JetPack 6 (R36) is supported"


def _of_the_system(facts: Facts, board: BoardWord) -> Iterator[str]:
    known = ("jammy",) if board is BoardWord.JETSON else ("bookworm", "trixie")
    if facts.codename not in known:
        yield f"its system is {facts.system or 'unknown'} {facts.codename}, and {' and '.join(known)} are supported".rstrip()
