"""The process that keeps the lamps: `python -m firmware.lamp_keeper JSON`. See `firmware.lamps`, which says why."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from firmware.clock import SystemClock
from firmware.dose import LightLimits
from firmware.errors import FirmwareError
from firmware.lamps import LampKeeper, lamps_of
from firmware.pin_drivers import PinDriver, open_bank
from firmware.pins import LAMPS, Line, PinBank, PinSettings, wires_of

LONGEST_LINE = 64


@dataclass(frozen=True, slots=True)
class KeeperOrder:
    """What the keeper is told when it is started."""

    driver: PinDriver
    pins: PinSettings
    light: LightLimits
    lg_folder: str | None = None
    """Where lgpio may write."""
    sysfs: Path = Path("/sys")

    def to_json(self) -> str:
        """As the argument of the program."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> KeeperOrder:
        """Back from the argument of the program."""
        told = json.loads(text)
        pins, light = PinSettings(**told["pins"]), LightLimits(**told["light"])
        return cls(PinDriver(told["driver"]), pins, light, told["lg_folder"], Path(told["sysfs"]))


def keep(order: KeeperOrder, ears: int, mouth: int) -> None:
    """Serve lines of the file descriptor `ears` until it ends, answer to `mouth`, and leave everything dark.

    Raises the errors of chip, lines and limits, before "ready" was said.
    """
    clock = SystemClock()
    with _bank(order, clock) as bank:
        keeper = LampKeeper(lamps_of(order.pins, bank, order.sysfs), order.light, clock)
        try:
            _say(mouth, "ready")
            for line in _lines(ears, keeper, mouth):
                _say(mouth, keeper.obey(line))
        finally:
            keeper.dark()


def _lines(ears: int, keeper: LampKeeper, mouth: int) -> Iterator[str]:
    """The lines that arrive; meanwhile the time of the lamps is watched. Ends with the pipe, or with a line of endless length."""
    waiting = b""
    while len(waiting) <= LONGEST_LINE:
        if select.select([ears], [], [], keeper.left_s())[0]:
            arrived = os.read(ears, 4096)
            if not arrived:
                return
            *whole, waiting = (waiting + arrived).split(b"\n")
            yield from (line.decode("ascii", "replace") for line in whole)
        if cut := keeper.cut_if_due():
            _say(mouth, cut)


def _say(mouth: int, line: str) -> None:
    os.write(mouth, f"{line}\n".encode("ascii"))


@contextmanager
def _bank(order: KeeperOrder, clock: SystemClock) -> Iterator[PinBank | None]:
    if not any(isinstance(wire, Line) and wire.function in LAMPS for wire in wires_of(order.pins)):
        yield None
        return
    bank = open_bank(order.driver, order.pins.chip, order.lg_folder, clock)
    try:
        yield bank
    finally:
        bank.close()


def main() -> int:
    """The program."""
    signal.signal(signal.SIGTERM, _end)
    try:
        keep(KeeperOrder.from_json(sys.argv[1]), 0, 1)
    except BrokenPipeError:
        return 0  # nobody listens any more; the lamps are dark
    except FirmwareError as error:
        _say(1, f"fault {error}".encode("ascii", "backslashreplace").decode("ascii").replace("\n", " "))
        return 2
    return 0


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
