"""One enrolled unit: its state directory, its uplink, and the visits that it serves, one process each."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.answers import Answer, read_answer
from demo.centre import Claim
from demo.errors import AnswerUnreadableError, ProgramFailedError
from demo.programs import END_WITHIN_S, Daemon, Programs, last_words
from wire.result import Verdict

EDGE = "lifecert-edge"
UPLINK = "lifecert-uplink"
TICKET_WITHIN_S = 45
VISIT_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Live:
    """Something that happened on the unit while it happened."""

    part: str
    """attempt, led, screen, speaker or illuminator."""
    what: str
    after_s: float
    """Since the visit process was started."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the unit says that a visit ended."""

    case: str
    verdict: Verdict
    reasons: tuple[str, ...]
    sequence: int
    result_id: str
    frames: int
    cpu_ms_per_frame: float


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Where a unit enrols, and whom it trusts."""

    address: str
    ca: Path


class Unit:
    """A unit that stands beside the centre. Its photos and its state lie in folders that only their owner may enter."""

    def __init__(self, folder: Path, logs: Path, programs: Programs) -> None:
        self._folder, self._logs, self._programs = folder, logs, programs
        for place in (folder, self.gallery):
            place.mkdir(mode=0o700)
        self._uplink: Daemon | None = None
        self.name = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop_uplink()

    @property
    def state(self) -> Path:
        """Keys, certificates, spool."""
        return self._folder / "state"

    @property
    def gallery(self) -> Path:
        """The reference photos at hand."""
        return self._folder / "gallery"

    @property
    def folder(self) -> Path:
        """Where everything of this unit lies."""
        return self._folder

    @property
    def _uplink_log(self) -> Path:
        return self._logs / "uplink.log"

    def enrol(self, claim: Claim, at: Enrolling) -> None:
        """Make keys and let the centre certify them."""
        where = ("--centre", at.address, "--ca", str(at.ca), "--state", str(self.state))
        # The claim goes in on standard input: other users of the machine can read command lines.
        self._programs.ask("lifecert-enrol", *where, "--serial", claim.serial, given=claim.text)
        self.name = claim.unit

    def start_uplink(self) -> None:
        """Start delivering results and fetching tickets."""
        self._uplink = self._programs.start(UPLINK, "--state", str(self.state), log=self._uplink_log)

    def kill_uplink(self) -> None:
        """End the uplink at once (SIGKILL)."""
        if self._uplink is not None:
            self._uplink.kill()
            self._uplink = None

    def stop_uplink(self) -> None:
        """Let the uplink say farewell and end."""
        if self._uplink is not None:
            self._uplink.stop()
            self._uplink = None

    def deliver(self, within_s: float) -> bool:
        """Deliver until no result waits for its receipt; False when some still do in the end. Only while no uplink runs."""
        words = ("--state", str(self.state), "--until-empty", "--timeout-s", str(within_s))
        return self._programs.finish(UPLINK, *words, log=self._uplink_log, within_s=within_s + END_WITHIN_S) == 0

    def require_running(self) -> None:
        """Raise `ProgramFailedError` when the uplink has ended by itself."""
        if self._uplink is not None:
            self._uplink.require_running()

    def visit(self, case: str, camera: str, mirror: Path) -> RunningVisit:
        """Start serving the visit of one case."""
        places = ("--state", str(self.state), "--gallery", str(self.gallery), "--mirror", str(mirror))
        words = ("visit", case, *places, "--camera", camera, "--wait-s", str(TICKET_WITHIN_S), "--json")
        command = [str(self._programs.path(EDGE)), *words]
        log = self._logs / "visits.log"
        process = subprocess.Popen(
            command, env=self._programs.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        return RunningVisit(process, log)


class RunningVisit:
    """A visit that goes on in a process of its own. Read `lines` to their end, then ask for the outcome."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process, self._log = process, log
        self._began_s = time.monotonic()
        self._guard = threading.Timer(VISIT_WITHIN_S, process.kill)
        self._guard.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        self._process.communicate()
        self._guard.cancel()

    def lines(self) -> Iterator[Live]:
        """What happens, while it happens; everything that the unit says also goes into its log."""
        assert self._process.stderr is not None  # noqa: S101 - it was opened as a pipe
        with self._log.open("ab") as log:
            for line in self._process.stderr:
                log.write(line)
                live = self._read(line)
                if live is not None:
                    yield live

    def kill(self) -> None:
        """End it at once (SIGKILL), as a power cut would; nothing happens when it has ended. Any thread may."""
        self._process.kill()
        self._process.wait(END_WITHIN_S)

    def outcome(self) -> Outcome:
        """How it ended; `ProgramFailedError` when it never came to a verdict."""
        answer, _ = self._process.communicate(timeout=END_WITHIN_S)
        self._guard.cancel()
        try:
            said = read_answer(EDGE, answer)
        except AnswerUnreadableError as error:
            raise ProgramFailedError(EDGE, last_words(self._log) or f"ended with {self._process.returncode}") from error
        if said.fault:
            raise ProgramFailedError(EDGE, said.fault)
        return _outcome(said)

    def _read(self, line: bytes) -> Live | None:
        """A line that tells of a part; events of the log and words of libraries are none."""
        try:
            told = json.loads(line)
        except ValueError:
            return None
        match told:
            case {"part": str(part), "what": str(what)}:
                return Live(part, what, time.monotonic() - self._began_s)
            case _:
                return None


def _outcome(answer: Answer) -> Outcome:
    return Outcome(
        case=answer.text("case"),
        verdict=Verdict(answer.text("verdict")),
        reasons=answer.texts("reasons"),
        sequence=answer.number("sequence"),
        result_id=answer.text("result_id"),
        frames=answer.number("frames"),
        cpu_ms_per_frame=answer.real("cpu_ms_per_frame"),
    )
