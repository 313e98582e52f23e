"""Made-up machines: their facts, and hands that remember what they were told and touch nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.install.facts import Facts
from edge.install.kit import Kit
from edge.install.runner import Said

PI_5 = Facts(
    model="Raspberry Pi 5 Model B Rev 1.0",
    l4t=None,
    system="debian",
    codename="bookworm",
    machine="aarch64",
    pythons={"3.11": "/usr/bin/python3.11"},
    memory_mib=4000,
    free_mib=20_000,
    booted=True,
    root=True,
)
ORIN = replace(
    PI_5,
    model="NVIDIA Jetson Orin Nano Developer Kit",
    l4t=(36, 4),
    system="ubuntu",
    codename="jammy",
    pythons={},
    memory_mib=7600,
)
PC = replace(PI_5, model="", machine="x86_64", booted=False)

DEFAULT = "# Settings of this unit.\n[unit]\n"
KIT = Kit(
    wheel="/usr/lib/lifecert/lifecert-0.1.0-py3-none-any.whl",
    locks=(("3.11", "/usr/lib/lifecert/unit-bookworm.txt"), ("3.13", "/usr/lib/lifecert/unit-trixie.txt")),
    digest="d" * 64,
    default_settings=DEFAULT,
    programs=frozenset({"lifecert", "lifecert-edge", "lifecert-uplink", "lifecert-enrol"}),
)


class RecordingHands:
    """A machine in memory: which packages, users, folders and files it has follows from what was run on it."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.asked: list[str] = []
        self.files: dict[str, str] = {"/etc/lifecert/unit.toml": DEFAULT}
        self.packages: set[str] = set()
        self.done: set[str] = set()
        self.enabled: set[str] = set()
        self.breaks_at = ""
        """A command that begins so fails."""

    def run(self, words: Sequence[str]) -> Said:
        line = " ".join(words)
        match words[0]:
            case "dpkg-query":
                self.asked.append(line)
                states = ["installed" if package in self.packages else "not-installed" for package in words[4:]]
                return Said(0, "\n".join(states))
            case "getent" | "test":
                self.asked.append(line)
                return Said(0 if line in self._true() else 1, "")
        if words[:2] == ("systemctl", "is-enabled"):
            self.asked.append(line)
            states = ["enabled" if service in self.enabled else "disabled" for service in words[2:]]
            return Said(0 if "enabled" in states else 1, "\n".join(states))
        if words[-1] == "verify":
            self.asked.append(line)
            return Said(0 if line in self._true() else 1, "")
        if self.breaks_at and line.startswith(self.breaks_at):
            return Said(100, "E: Unable to fetch some archives")
        self.ran.append(line)
        if "--no-install-recommends" in words:
            self.packages |= set(words[4:])
        if words[:2] == ("systemctl", "enable"):
            self.enabled |= set(words[2:])
        self.done.add(line.partition(" --mirror")[0])
        return Said(0, "")

    def read(self, path: str) -> str | None:
        return self.files.get(path)

    def write(self, path: str, text: str, mode: int) -> None:
        if self.breaks_at == f"write {path}":
            raise OSError(30, "Read-only file system")
        self.files[path] = text

    def _true(self) -> set[str]:
        """The questions that what was done answers with yes."""
        answers = {
            "systemd-sysusers": "getent passwd lifecert lifecert-panel",
            "systemd-tmpfiles": "test -d /var/lib/lifecert/gallery",
        }
        yes = {answer for done in self.done for start, answer in answers.items() if done.startswith(start)}
        for done in self.done:
            if done.endswith("models pull"):
                yes.add(done.removesuffix("pull") + "verify")
            elif " models benchmark " in done:
                yes.add("test -s /var/lib/lifecert/models.json")
        return yes
