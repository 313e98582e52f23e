"""What a board is, read from the files in which Linux says it. Judging it is the work of `boards`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20
PYTHONS = ("3.11", "3.13")
"""The versions that there is a locked set of packages for."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One machine. Texts are empty where the machine does not say."""

    model: str
    """As the device tree names it, such as Raspberry Pi 5 Model B Rev 1.0."""
    l4t: tuple[int, int] | None
    """Release of NVIDIA's Linux for Tegra, such as (36, 4) for JetPack 6.1; None where there is none."""
    system: str
    """`debian`, `raspbian`, `ubuntu`."""
    codename: str
    machine: str
    """As `uname -m` says."""
    pythons: Mapping[str, str]
    """Version -> program, of those in `PYTHONS` that are there."""
    memory_mib: int
    free_mib: int
    """On the disk that holds /opt."""
    booted: bool
    """Whether systemd runs here; not so in a chroot."""
    root: bool


def read_facts(
    top: Path, machine: str, find: Callable[[str], str | None], free_bytes: Callable[[Path], int], user_id: int
) -> Facts:
    """Read the files below `top`, which is `/` on the machine itself; `find` finds a program as `shutil.which` does."""
    release = _release(_text(top / "etc/os-release"))
    return Facts(
        model=_text(top / "proc/device-tree/model").strip("\0\n "),
        l4t=_l4t(_text(top / "etc/nv_tegra_release")),
        system=release.get("ID", ""),
        codename=release.get("VERSION_CODENAME", ""),
        machine=machine,
        pythons={version: path for version in PYTHONS if (path := find(f"python{version}"))},
        memory_mib=_memory_mib(_text(top / "proc/meminfo")),
        free_mib=free_bytes(top / "opt" if (top / "opt").exists() else top) // MIB,
        booted=(top / "run/systemd/system").is_dir(),
        root=user_id == 0,
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes()[:65536].decode("utf-8", "replace")
    except OSError:
        return ""


def _release(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key: value.strip("\"' ") for key, _, value in pairs}


def _l4t(text: str) -> tuple[int, int] | None:
    """`# R36 (release), REVISION: 4.0, ...`"""
    found = re.search(r"R(\d+) \(release\), REVISION: (\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _memory_mib(text: str) -> int:
    found = re.search(r"^MemTotal:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) // 1024 if found else 0
