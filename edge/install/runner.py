"""Carries a plan out, step by step: what is done already is left alone, the first failure ends it."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from edge.install.errors import StepFailedError
from edge.install.plan import Action, Always, ChangedFrom, Command, Enabled, Holds, Installed, Sign, Step, Succeeds, Write

LAST_LINES = 8


class State(StrEnum):
    """What became of a step."""

    THERE = "done already"
    DONE = "done"
    TO_DO = "to do"


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and its last lines."""

    status: int
    text: str


class Hands(Protocol):
    """What touches the machine."""

    def run(self, words: Sequence[str]) -> Said: ...

    def read(self, path: str) -> str | None: ...

    def write(self, path: str, text: str, mode: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step and what became of it."""

    step: Step
    state: State
    seconds: float


class Runner:
    """Carries steps out with `hands`; `tell` hears what goes on, one line each."""

    def __init__(self, hands: Hands, tell: Callable[[str], None], monotonic_s: Callable[[], float]) -> None:
        self._hands, self._tell, self._monotonic_s = hands, tell, monotonic_s

    def look(self, steps: Sequence[Step]) -> list[Outcome]:
        """Say of each step whether it is done, and do nothing."""
        return [Outcome(step, State.THERE if self._is_done(step.done_when) else State.TO_DO, 0.0) for step in steps]

    def carry_out(self, steps: Sequence[Step]) -> list[Outcome]:
        """Do what is not done; raises `StepFailedError` at the first that fails."""
        return [self._carry_out(step, f"[{number}/{len(steps)}]") for number, step in enumerate(steps, 1)]

    def _carry_out(self, step: Step, count: str) -> Outcome:
        began_s = self._monotonic_s()
        if self._is_done(step.done_when):
            self._tell(f"{count} {step.name}: done already")
            return Outcome(step, State.THERE, self._monotonic_s() - began_s)
        self._tell(f"{count} {step.name}: {step.what}")
        for action in step.actions:
            self._do(step, action)
        seconds = self._monotonic_s() - began_s
        self._tell(f"{count} {step.name}: done in {seconds:.0f} s")
        return Outcome(step, State.DONE, seconds)

    def _do(self, step: Step, action: Action) -> None:
        self._tell(f"      {spoken(action)}")
        match action:
            case Command(words):
                said = self._hands.run(words)
                if said.status != 0:
                    raise StepFailedError(step.name, spoken(action), said.text or f"it ended with {said.status}")
            case Write(path, text, mode):
                try:
                    self._hands.write(path, text, mode)
                except OSError as error:
                    raise StepFailedError(step.name, spoken(action), error.strerror or type(error).__name__) from error

    def _is_done(self, sign: Sign) -> bool:
        match sign:
            case Installed(packages):
                said = self._hands.run(("dpkg-query", "--show", "--showformat", "${db:Status-Status}\\n", *packages))
                return said.status == 0 and said.text.split() == ["installed"] * len(packages)
            case Enabled(services):
                return self._hands.run(("systemctl", "is-enabled", *services)).text.split() == ["enabled"] * len(services)
            case Succeeds(words):
                return self._hands.run(words).status == 0
            case Holds(path, text):
                return self._hands.read(path) == text
            case ChangedFrom(path, text):
                return self._hands.read(path) not in (None, text)
            case Always():
                return False


def spoken(action: Action) -> str:
    """An action as a line that a person could type."""
    return shlex.join(action.words) if isinstance(action, Command) else f"write {action.path}"


class OwnHands:
    """Touches this machine. `environ` is that of the commands; apt asks no questions in it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {**environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}

    def run(self, words: Sequence[str]) -> Said:
        """Run a command to its end; one that is not there counts as one that failed."""
        try:
            done = subprocess.run(
                list(words), env=self._environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                check=False, cwd="/",
            )  # fmt: skip
        except OSError as error:
            return Said(127, f"{words[0]}: {error.strerror}")
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        return Said(done.returncode, "\n".join(lines[-LAST_LINES:]))

    def read(self, path: str) -> str | None:
        """What a file holds; None when it is not there."""
        try:
            return Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def write(self, path: str, text: str, mode: int) -> None:
        """Put a file in place whole; raises `OSError`."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(part).chmod(mode)
            Path(part).replace(target)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
