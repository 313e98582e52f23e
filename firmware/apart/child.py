"""The program of a camera's process: it opens the camera of its word, copies each frame into a slot, and says so.

It is started by `firmware.apart.line`, and dies with it: the kernel ends it when the other end of its lifeline is
gone, even while it hangs in a driver. usage: python -m firmware.apart.child MEMORY LIFELINE SLOTS WORD
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import sys
from collections.abc import Callable

from firmware.apart.ring import RingWriter
from firmware.apart.words import FOLLOW, HOLD, STOP, Ended, Failed, Opened, Placed, Word, spell
from firmware.board import open_here
from firmware.clock import SystemClock
from firmware.errors import FirmwareError
from firmware.frame import Frame
from firmware.ports import Camera, ExposureHold
from firmware.twin.pace import Pace

OTHERS_HANG_UP = 10
"""F_SETSIG of fcntl(2); Python names it from 3.12 on."""
LONGEST_ORDERS = 256


def main() -> None:
    """Serve one camera until told to stop, until it ends, or until it fails."""
    memory, lifeline, slots, word = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    die_with(lifeline)
    # A crash leaves no picture of a face behind.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Our own pipe; what drivers print must not get into it.
    says, hears = os.dup(sys.stdout.fileno()), sys.stdin.fileno()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.set_blocking(hears, False)
    serve(word, RingWriter(word, memory, slots), lambda said: _say(says, said), lambda: _orders(hears))


def die_with(lifeline: int) -> None:
    """Let the kernel kill this process when nobody holds the other end of this pipe any more. Nothing is ever written to it."""
    fcntl.fcntl(lifeline, OTHERS_HANG_UP, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def serve(word: str, ring: RingWriter, say: Callable[[Word], None], orders: Callable[[], bytes]) -> None:
    """Open the camera of this word and hand its frames on; errors of this room are said, all others end the process."""
    try:
        with open_here(word, pace=Pace.REAL_TIME) as camera:
            say(Opened())
            _hand_on(camera, ring, say, orders)
    except FirmwareError as error:
        say(Failed.by(word, error))
    else:
        say(Ended())


def _hand_on(camera: Camera, ring: RingWriter, say: Callable[[Word], None], orders: Callable[[], bytes]) -> None:
    clock = SystemClock()
    for frame in camera.frames():
        told = orders()
        ring.free(slot for slot in told if bytes([slot]) not in (STOP, HOLD, FOLLOW))
        if STOP in told:
            return
        if isinstance(camera, ExposureHold):
            _expose(camera, told)
        slot = ring.place(frame)
        if slot is not None:
            say(_placed(frame, slot, clock.now_ns()))


def _expose(camera: ExposureHold, told: bytes) -> None:
    """The later of two orders counts."""
    if told.rfind(HOLD) > told.rfind(FOLLOW):
        camera.hold_exposure()
    elif FOLLOW in told:
        camera.follow_light()


def _placed(frame: Frame, slot: int, told_ns: int) -> Placed:
    return Placed(
        slot=slot,
        height_px=frame.height_px,
        width_px=frame.width_px,
        captured_ns=frame.captured_ns,
        exposed_for_ns=frame.exposed_for_ns,
        light=frame.light.word,
        duty_percent=frame.light.duty_percent,
        told_ns=told_ns,
    )


def _say(says: int, word: Word) -> None:
    os.write(says, spell(word))


def _orders(hears: int) -> bytes:
    """What was told since the last time."""
    try:
        return os.read(hears, LONGEST_ORDERS)
    except BlockingIOError:
        return b""


if __name__ == "__main__":
    main()
