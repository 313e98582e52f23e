"""The illuminator of a real board: it speaks to the process that keeps the lamps. See `firmware.lamps`, which says why."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from firmware.absent import nobody_listens
from firmware.errors import LampLostError, LampRestingError, LightInvalidError
from firmware.frame import DARK, Light
from firmware.lamp_keeper import KeeperOrder

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
KEEPER = (sys.executable, "-m", "firmware.lamp_keeper")
STARTS_WITHIN_S, ANSWERS_WITHIN_S, ENDS_WITHIN_S = 20.0, 3.0, 2.0
END = ""
"""What the reader leaves when the keeper has ended."""


class KeptLamps:
    """Lamps that go dark with this process. Obeys `firmware.ports.Illuminator`. A thread of its own hears the keeper."""

    def __init__(
        self, order: KeeperOrder, on_switch: Callable[[Light, int], None] = nobody_listens, keeper: Sequence[str] = KEEPER
    ) -> None:
        """Start the keeper and wait until everything is dark.

        `on_switch` is told each switch with its time on the machine's monotonic clock, by the caller's thread or the reader's.
        Raises LampLostError with the keeper's own sentence.
        """
        self._command, self._on_switch = (*keeper, order.to_json()), on_switch
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._closing, self._dark, self._duty_percent = False, threading.Event(), 100
        self._process = self._start()
        self._reader = threading.Thread(target=self._hear, name="lamps", daemon=True)
        self._reader.start()
        if (said := self._answer(STARTS_WITHIN_S)) != "ready":
            self.close()
            raise LampLostError(said.removeprefix("fault ") or "the process that keeps the lamps did not start")

    def shine(self, light: Light) -> None:
        """Light exactly these emitters, no stronger than an eye bears.

        Raises LightInvalidError for a light that is not known, LampRestingError when they have shone as long as they may, and
        LampLostError when they do not answer. They are dark after an error.
        """
        if not light.known:
            raise LightInvalidError(light.word, "a light that is not known cannot be switched on")
        said = self._ask(f"{light.word} {light.duty_percent}").split(" ")
        match said:
            case ["lit", word, duty, at]:
                self._note_cap(light, int(duty))
                self._on_switch(Light(word, int(duty)), int(at))
            case ["rests", word, rests_ms, at]:
                self._on_switch(DARK, int(at))
                raise LampRestingError(word, int(rests_ms))
            case _:
                raise LampLostError(" ".join(said).removeprefix("fault ") or "the process that keeps them ended")

    def off(self) -> None:
        """Go dark; doing so twice does no harm. Raises LampLostError where nobody can say that it is dark."""
        try:
            self.shine(DARK)
        except LampLostError:
            if not self._dark.wait(STARTS_WITHIN_S):
                raise

    def close(self) -> None:
        """Let the keeper go dark and end; closing twice does no harm."""
        self._closing = True
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            log.error("keeper of the lamps does not end")
            self._process.kill()
            self._process.wait(ENDS_WITHIN_S)
            self._make_dark()
        self._reader.join(ENDS_WITHIN_S)

    def _ask(self, line: str) -> str:
        if self._process.poll() is not None or self._process.stdin is None:
            return END
        try:
            self._process.stdin.write(f"{line}\n".encode("ascii"))
            self._process.stdin.flush()
        except (OSError, ValueError):
            return END
        return self._answer(ANSWERS_WITHIN_S)

    def _answer(self, within_s: float) -> str:
        try:
            return self._answers.get(timeout=within_s)
        except Empty:
            # It hangs: nobody knows what the lamps do. Its end makes the reader start another, which makes them dark.
            self._process.kill()
            return END

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            # A session of its own: what kills the group of the service does not reach the keeper, which then goes dark.
            return subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True
            )
        except OSError as error:
            raise LampLostError(f"the process that keeps them cannot be started: {error.strerror}") from error

    def _hear(self) -> None:
        """Runs in the reader thread until the keeper ends."""
        if self._process.stdout is None:
            return
        with self._process.stdout as said:
            for line in said:
                word, _, rest = line.decode("ascii", "replace").strip().partition(" ")
                if word == "cut":
                    log.warning("lamps shone as long as they may")
                    self._on_switch(DARK, int(rest))
                else:
                    self._answers.put(f"{word} {rest}".strip())
        if not self._closing:
            log.error("keeper of the lamps ended", extra={"status": self._process.wait()})
            self._make_dark()
        self._answers.put(END)

    def _make_dark(self) -> None:
        """Start a keeper that has nothing to do but to make everything dark."""
        try:
            done = subprocess.run(
                self._command,
                input=b"",
                capture_output=True,
                timeout=STARTS_WITHIN_S,
                cwd=ROOT,
                start_new_session=True,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            log.error("lamps may still shine", extra={"error": type(error).__name__})
            return
        if done.returncode == 0:
            self._dark.set()
        else:
            log.error("lamps may still shine", extra={"status": done.returncode})

    def _note_cap(self, asked: Light, duty_percent: int) -> None:
        """Say once for each strength that less was given, for the sake of eyes."""
        if duty_percent < asked.duty_percent and duty_percent != self._duty_percent:
            log.warning("lamps dimmed for eyes", extra={"asked_percent": asked.duty_percent, "given_percent": duty_percent})
        self._duty_percent = duty_percent
