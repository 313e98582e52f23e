"""The serving unit of a soak as a process: what it says line by line, and the signals and limits it gets from outside."""

from __future__ import annotations

import json
import queue
import resource
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from edge.evaluate.cost.errors import UnitProcessFailedError

READY_WITHIN_S, ENDS_WITHIN_S = 120.0, 20.0
TINY_FILE_BYTES = 4096
TURNED, OPENED = "turned", "opened"
"""Words of the process: it has had a turn; an attempt is written down."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """An event that was logged as an error, or a traceback."""

    event: str
    fields: str


@dataclass(slots=True)
class UnitProcess:
    """Started by `with`; the thread that reads its words ends with it."""

    command: Sequence[str]
    environ: Mapping[str, str]
    complaints: list[Complaint] = field(default_factory=list)
    """Everything since they were taken last."""
    attempts: int = 0
    """So many were opened."""
    _process: subprocess.Popen[bytes] | None = None
    _words: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    _last: str = ""

    def __enter__(self) -> Self:
        """Raises `UnitProcessFailedError` when it does not become ready."""
        environ = dict(self.environ)
        self._process = subprocess.Popen(self.command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self._listen, name="unit", daemon=True).start()
        self.hear(READY_WITHIN_S)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._running.poll() is None:
            self._running.kill()
            self._running.wait()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._running.pid

    def hear(self, within_s: float) -> bool:
        """Wait until it has had a turn; whether an attempt was opened meanwhile. Raises `UnitProcessFailedError`."""
        opened = False
        while True:
            word = self._word(within_s)
            if word == TURNED:
                return opened
            opened = opened or word == OPENED

    def hear_opened(self, within_s: float) -> None:
        """Wait until an attempt is opened. Raises `UnitProcessFailedError`."""
        while self._word(within_s) != OPENED:
            pass

    def starve_disk(self) -> None:
        """Whatever it writes beyond the first page of any file fails, as on a disk that is full (setrlimit(2), RLIMIT_FSIZE)."""
        self._limit_files(TINY_FILE_BYTES)

    def feed_disk(self) -> None:
        """Let it write again."""
        self._limit_files(resource.RLIM_INFINITY)

    def terminate(self) -> int:
        """End it as the service manager does; its exit code. Raises `UnitProcessFailedError` when it does not end."""
        self._running.send_signal(signal.SIGTERM)
        try:
            return self._running.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired as error:
            raise UnitProcessFailedError("it did not end after SIGTERM") from error

    def take_complaints(self) -> list[Complaint]:
        """Those since the last call."""
        taken, self.complaints = self.complaints, []
        return taken

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None  # noqa: S101 - it is started by `with`
        return self._process

    def _limit_files(self, most_bytes: int) -> None:
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (most_bytes, hard))

    def _word(self, within_s: float) -> str:
        try:
            word = self._words.get(timeout=within_s)
        except queue.Empty as error:
            raise UnitProcessFailedError(f"nothing was heard of it for {within_s:g} s; last: {self._last}") from error
        if word is None:
            raise UnitProcessFailedError(f"exit code {self._running.wait()}; last: {self._last}")
        return word

    def _listen(self) -> None:
        """Runs in the thread that reads."""
        lines = self._running.stderr
        assert lines is not None  # noqa: S101 - it was opened as a pipe
        for raw in lines:
            line = raw.decode("utf-8", "replace").rstrip()
            try:
                told = json.loads(line)
            except ValueError:
                told = line
            self._take(told)
        self._words.put(None)

    def _take(self, told: object) -> None:
        match told:
            case {"part": "unit", "what": "turned"}:
                self._words.put(TURNED)
            case {"part": "attempt", "what": "opened"}:
                self.attempts += 1
                self._words.put(OPENED)
            case {"level": "error" | "critical", "event": str(event), **fields}:
                self._last = event
                self.complaints.append(Complaint(event, json.dumps(fields, default=str)))
            case str() as line if "Traceback" in line:
                self.complaints.append(Complaint("traceback", line))
            case str() as line if line:
                self._last = line
            case _:
                pass
