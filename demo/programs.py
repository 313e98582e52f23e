"""Starts our programs and ends them: the door to processes. Only what was started here is ever ended here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from demo.answers import Answer, read_answer
from demo.errors import AnswerUnreadableError, ProgramFailedError, ProgramMissingError, ProgramSilentError

END_WITHIN_S = 10.0
POLL_S = 0.02
_FOREIGN = ("LIFECERT_CENTRE_", "LIFECERT_CONFIG")


@dataclass(frozen=True, slots=True)
class Programs:
    """Where our programs are, and the environment that they run in."""

    folder: Path
    environment: Mapping[str, str]
    answer_within_s: float = 60.0

    def path(self, name: str) -> Path:
        """The file of one of our programs; `ProgramMissingError` when the environment does not hold it."""
        path = self.folder / name
        if not path.is_file():
            raise ProgramMissingError(name, "run scripts/setup")
        return path

    def ask(self, name: str, *words: str, given: str = "") -> Answer:
        """Run a command with `--json` to its end, `given` on its standard input, and read its answer; exit code 1 is one too.

        Raises `ProgramFailedError` with the command's own sentence, `ProgramSilentError`, `AnswerUnreadableError`.
        """
        command = [str(self.path(name)), *words, "--json"]
        said = " ".join((name, *takewhile(str.isalpha, words)))
        try:
            done = subprocess.run(
                command,
                env=self.environment,
                input=given.encode(),
                capture_output=True,
                timeout=self.answer_within_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ProgramSilentError(said, "answer", self.answer_within_s) from error
        try:
            answer = read_answer(said, done.stdout)
        except AnswerUnreadableError as error:
            raise ProgramFailedError(said, _last_line(done.stderr) or f"exit code {done.returncode}") from error
        if done.returncode not in (0, 1) or answer.fault:
            raise ProgramFailedError(said, answer.fault or f"exit code {done.returncode}")
        return answer

    def finish(self, name: str, *words: str, log: Path, within_s: float) -> int:
        """Run a program to its end and return its exit code; `ProgramFailedError` for a fault, `ProgramSilentError` when late."""
        daemon = self.start(name, *words, log=log)
        try:
            return daemon.ended(within_s)
        finally:
            daemon.kill()

    def start(self, name: str, *words: str, log: Path) -> Daemon:
        """Start a program that stays; what it says is appended to its log."""
        return start(name, [str(self.path(name)), *words], self.environment, log)


def our_programs(settings: Mapping[str, str]) -> Programs:
    """The programs beside this interpreter. Settings of another centre or unit in the present environment do not reach them."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return Programs(Path(sys.executable).parent, inherited | dict(settings))


def system_program(name: str, remedy: str) -> Path:
    """A program of the system, looked for where servers lie too; `ProgramMissingError` when it is nowhere."""
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))
    if found is None:
        raise ProgramMissingError(name, remedy)
    return Path(found)


class Daemon:
    """A program that stays until it is ended. It is ended by the handle that started it, never by its name."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name, self._process, self.log = name, process, log

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def require_running(self) -> None:
        """Raise `ProgramFailedError` with its last words when it has ended by itself."""
        if not self.running:
            raise ProgramFailedError(self.name, last_words(self.log) or f"ended with {self._process.returncode}")

    def await_sign(self, seen: Callable[[], bool], awaited: str, within_s: float) -> None:
        """Wait for a sign of life; `ProgramFailedError` when it ends first, `ProgramSilentError` when time is over."""
        until = time.monotonic() + within_s
        while not seen():
            self.require_running()
            if time.monotonic() > until:
                raise ProgramSilentError(self.name, awaited, within_s)
            time.sleep(POLL_S)

    def ended(self, within_s: float) -> int:
        """Wait for its end; its exit code, 0 or 1. `ProgramFailedError` for any other, `ProgramSilentError` when it is late."""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired as error:
            raise ProgramSilentError(self.name, "end", within_s) from error
        if code not in (0, 1):
            raise ProgramFailedError(self.name, last_words(self.log) or f"ended with {code}")
        return code

    def stop(self, within_s: float = END_WITHIN_S) -> None:
        """Ask it to end, and end it when it does not."""
        self._process.terminate()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._process.kill()
        self._process.wait(END_WITHIN_S)


def start(name: str, command: list[str], environment: Mapping[str, str], log: Path) -> Daemon:
    """Start any program that stays, in a group of its own, so that Ctrl-C reaches us alone and we end it in order."""
    with log.open("ab") as sink:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    return Daemon(name, process, log)


def last_words(log: Path) -> str:
    """The last line of a log, for the sentence that says what went wrong."""
    return _last_line(log.read_bytes()) if log.exists() else ""


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else ""
