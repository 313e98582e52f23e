"""A private centre in one folder: its database and keys, its broker on a free loopback port, its two servers.

The demonstration uses it, and the system tests, which also end its parts at bad moments and start them again.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.answers import read_answer
from demo.centre import PROGRAM, Centre
from demo.errors import ProgramFailedError
from demo.programs import Daemon, Programs, start, system_program

LOOPBACK = "127.0.0.1"
STANDS_WITHIN_S = 30.0
HOW_TO_GET_MOSQUITTO = "install it (Debian: apt-get install mosquitto), or run scripts/demo as root, which does so"


class Part(StrEnum):
    """The programs of a centre, in the order in which they start."""

    BROKER = "broker"
    SERVE = "serve"
    INGEST = "ingest"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the centre is reached."""

    enrolment: str
    page: str


class Stack:
    """A centre and its broker. Parts end only by the handle that started them."""

    def __init__(self, folder: Path, programs: Programs, broker_port: int) -> None:
        self._folder, self.programs, self._broker_port = folder, programs, broker_port
        self.centre = Centre(programs)
        self._running: dict[Part, Daemon] = {}

    def __enter__(self) -> Self:
        """Found the centre and start every part; whatever stands is stopped again when one does not come up."""
        self._mosquitto = system_program("mosquitto", HOW_TO_GET_MOSQUITTO)
        self.logs.mkdir(mode=0o700)
        self.ca = self.centre.found()
        self._broker_file = self.centre.configure_broker(self._folder / "broker", self._broker_port)
        try:
            for part in Part:
                self.start(part)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def logs(self) -> Path:
        """The folder of what each program said."""
        return self._folder / "logs"

    @property
    def data(self) -> Path:
        """The data folder of the centre."""
        return self._folder / "centre"

    @property
    def addresses(self) -> Addresses:
        """Where the centre is reached; known while it serves."""
        answer = read_answer(PROGRAM, self._ready_file.read_bytes())
        return Addresses(answer.text("est"), answer.text("page"))

    def start(self, part: Part) -> None:
        """Start a part and wait until it stands."""
        begin: Mapping[Part, Callable[[], Daemon]] = {
            Part.BROKER: self._start_broker,
            Part.SERVE: self._start_serve,
            Part.INGEST: lambda: self.programs.start("lifecert-ingest", log=self._log(Part.INGEST)),
        }
        self._running[part] = begin[part]()

    def kill(self, part: Part) -> None:
        """End a part at once, as a power cut would (SIGKILL)."""
        self._running.pop(part).kill()

    def stop(self) -> None:
        """End all parts in order, the last first."""
        for part in reversed(Part):
            daemon = self._running.pop(part, None)
            if daemon is not None:
                daemon.stop()

    def require_running(self) -> None:
        """Raise `ProgramFailedError` when a part has ended by itself."""
        for daemon in self._running.values():
            daemon.require_running()

    def _start_broker(self) -> Daemon:
        daemon = start("mosquitto", [str(self._mosquitto), "-c", str(self._broker_file)], {}, self._log(Part.BROKER))
        return self._awaited(daemon, lambda: answers(self._broker_port), "open port")

    def _start_serve(self) -> Daemon:
        self._ready_file.unlink(missing_ok=True)
        ports = ("--est-port", "0", "--page-port", "0", "--ready-file", str(self._ready_file))
        daemon = self.programs.start(PROGRAM, "serve", *ports, log=self._log(Part.SERVE))
        return self._awaited(daemon, self._ready_file.exists, "ready file")

    def _awaited(self, daemon: Daemon, stands: Callable[[], bool], sign: str) -> Daemon:
        try:
            daemon.await_sign(stands, sign, STANDS_WITHIN_S)
        except ProgramFailedError:
            raise
        except BaseException:
            daemon.kill()
            raise
        return daemon

    @property
    def _ready_file(self) -> Path:
        return self._folder / "ready.json"

    def _log(self, part: Part) -> Path:
        return self.logs / f"{part.value}.log"


def centre_environment(folder: Path, broker_port: int) -> Mapping[str, str]:
    """The settings of a private centre in this folder."""
    settings = {
        "DATA": str(folder / "centre"),
        "EST_HOST": LOOPBACK,
        "SERVER_NAMES": f"{LOOPBACK},localhost",
        "BROKER_HOST": LOOPBACK,
        "BROKER_PORT": str(broker_port),
    }
    return {f"LIFECERT_CENTRE_{name}": value for name, value in settings.items()}


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        port: int = found.getsockname()[1]
    return port


def answers(port: int) -> bool:
    """Whether something listens on this port of loopback."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
