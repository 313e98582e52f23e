"""One life of a camera's process: it is started, heard, told, and ended for good."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from firmware.apart.ring import SLOTS, RingReader
from firmware.apart.words import STOP, Ended, Failed, Placed, Word, read_word
from firmware.frame import Frame, Light
from firmware.lending import Lender
from firmware.slot import NewestSlot

log = logging.getLogger(__name__)

KEPT_FREE = 3
"""So many slots always stay with the process; whoever keeps more frames than the rest gets copies."""
ENVIRONMENT: Mapping[str, str] = {
    "LANG": "C.UTF-8",
    "LIBCAMERA_LOG_LEVELS": "*:WARN",
    "PATH": os.defpath,
    "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
}
"""All that a camera's process gets of an environment: nothing of the unit's own."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A frame as it was left by the process; its sequence is not counted yet."""

    frame: Frame
    told_ns: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The process ended without a word."""

    how: str


Heard = Arrival | Gone | Word


class Line:
    """The process and its pipes. A thread of its own hears it; the newest frame wins."""

    def __init__(self, word: str, environment: Mapping[str, str]) -> None:
        """Start the process; it opens the camera of this word by itself. Raises OSError where no process can be started."""
        self._word = word
        self._lender = Lender(SLOTS - KEPT_FREE)
        self._opening: NewestSlot[Heard] = NewestSlot()
        self._newest: NewestSlot[Heard] = NewestSlot()
        self._writing = threading.RLock()  # Slots are given back by whichever thread lets go of a frame.
        self._memory = os.memfd_create("frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self._ring = RingReader(self._memory, SLOTS)
        lifeline, self._life = os.pipe()
        try:
            self._process = self._start(environment, lifeline)
        except OSError:
            os.close(self._memory)
            os.close(self._life)
            raise
        finally:
            os.close(lifeline)
        self._listener = threading.Thread(target=self._listen, name=f"{word} apart", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def await_opening(self, within_s: float) -> Heard | None:
        """What came of opening the camera; None when nothing was said in time."""
        return self._opening.take(within_s)

    def take(self, within_s: float) -> Heard | None:
        """The newest frame or last word; None when nothing came in time. Raises CameraClosedError after `turn_away`."""
        return self._newest.take(within_s)

    def tell(self, order: bytes) -> None:
        """Give an order; a process that is gone or does not listen hears nothing."""
        with self._writing, suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.write(order)

    def turn_away(self) -> None:
        """Wake and turn away whoever waits for a frame."""
        self._newest.close()
        self._opening.close()

    def close(self, within_s: float) -> None:
        """Ask the process to close its camera, and end it if it does not."""
        self.tell(STOP)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within_s)
        self.kill(within_s)

    def kill(self, within_s: float) -> None:
        """End the process, whatever it is doing. One that even this does not end hangs in the kernel, and is left behind."""
        self._process.kill()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            log.error("camera process cannot be killed; it is left behind", extra={"camera": self._word})
        with self._writing:
            if self._process.stdin is not None:
                self._process.stdin.close()
                self._process.stdin = None
                os.close(self._life)
        if self._process.returncode is not None:
            self._listener.join()

    def _start(self, environment: Mapping[str, str], lifeline: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "firmware.apart.child", str(self._memory), str(lifeline), str(SLOTS), self._word]
        process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            pass_fds=(self._memory, lifeline),
        )
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
        return process

    def _listen(self) -> None:
        """Runs in the listening thread until the process has closed its end."""
        heard: Heard | None = None
        # The pipe itself would be read byte by byte.
        with io.BufferedReader(cast(io.RawIOBase, self._process.stdout)) as lines:
            for line in lines:
                before, heard = heard, self._hear(line) or heard
                if heard is not None and heard is not before:
                    (self._newest if before else self._opening).put(heard)
        os.close(self._memory)
        if not isinstance(heard, Failed | Ended):
            # The last word is not lost: whoever opens hears it, or else whoever waits for a frame.
            gone = Gone(_how(self._process.wait()))
            (self._newest if heard else self._opening).put(gone)

    def _hear(self, line: bytes) -> Heard | None:
        word = read_word(line)
        return self._arrival(word) if isinstance(word, Placed) else word

    def _arrival(self, placed: Placed) -> Arrival | None:
        planes = self._ring.planes(placed.slot, placed.height_px, placed.width_px)
        if planes is None:
            return None
        bgr, luma = self._lender.lend(planes, lambda: self.tell(bytes([placed.slot])))
        light = Light(placed.light, placed.duty_percent)
        return Arrival(Frame(bgr, luma, placed.captured_ns, 0, light, placed.exposed_for_ns), placed.told_ns)


def _how(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"its process ended with {status}"
    return f"its process was ended by {signal.Signals(-status).name}"
