#!/usr/bin/python3.11
"""The first process of the emulated Raspberry Pi: obeys the host, which writes one order a line to its console.

about                                   model, pin controllers, whether lines stay as they were when their process dies
unit DRIVER CHIP FOLDER LONGEST_ON_MS   start a unit; FOLDER is where lgpio may write; answered by the unit
second DRIVER CHIP FOLDER LONGEST_ON_MS what another unit says first, which ends then
kill|stop|continue unit|keeper          SIGKILL, answered once it is dead; SIGSTOP; SIGCONT
over                                    let the unit end by itself
Everything else is for the unit. An answer is the rest of a line behind "@ "; what the kernel left on the wire may stand before
it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import termios
import time
import tty
from pathlib import Path

CONSOLE = "/dev/ttyS1"
MOUNTS = (
    ("proc", "/proc", 0),
    ("sysfs", "/sys", 0),
    ("devtmpfs", "/dev", 0),
    ("tmpfs", "/run", 0),
    ("tmpfs", "/home", 0),
    ("tmpfs", "/readonly", 1),
)
"""What, where, and MS_RDONLY."""
PERSIST = Path("/sys/module/pinctrl_bcm2835/parameters/persist_gpio_outputs")
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "continue": signal.SIGCONT}


class Init:
    """Answers orders."""

    def __init__(self) -> None:
        self._unit: subprocess.Popen[str] | None = None

    def obey(self, order: str) -> str:
        """The answer."""
        match order.split():
            case ["about"]:
                return about()
            case ["unit", driver, chip, folder, longest_on_ms]:
                return self._start(driver, chip, folder, longest_on_ms)
            case ["second", *words]:
                return start(*words).communicate(timeout=50)[0].strip()
            case [("kill" | "stop" | "continue") as how, ("unit" | "keeper") as whom]:
                return self._signal(how, pid_of("tests.emulated_pi.unit" if whom == "unit" else "firmware.lamp_keeper"))
            case ["over"]:
                return self._end()
            case _:
                return self._ask(order.strip())

    def _start(self, *words: str) -> str:
        self._end()
        self._unit = start(*words)
        return self._answer()

    def _signal(self, how: str, pid: int | None) -> str:
        if pid is None:
            return "there is no such process"
        os.kill(pid, SIGNALS[how])
        return "done" if how != "kill" or died(pid) else "it does not die"

    def _end(self) -> str:
        if self._unit is None:
            return "done"
        if self._unit.stdin:
            self._unit.stdin.close()
        status = self._unit.wait(30)
        self._unit = None
        return f"ended {status}"

    def _ask(self, order: str) -> str:
        if self._unit is None or self._unit.stdin is None:
            return "there is no unit"
        self._unit.stdin.write(f"{order}\n")
        self._unit.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        if self._unit is None or self._unit.stdout is None:
            return "there is no unit"
        return self._unit.stdout.readline().strip() or "the unit ended"


def start(driver: str, chip: str, folder: str, longest_on_ms: str) -> subprocess.Popen[str]:
    """A unit."""
    return subprocess.Popen(
        (sys.executable, "-m", "tests.emulated_pi.unit", driver, chip, folder, longest_on_ms),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LG_WD": folder},
    )


def about() -> str:
    """What machine this is."""
    model = Path("/proc/device-tree/model").read_text(encoding="ascii").strip("\0")
    chips = sorted(chip.resolve().parent.name for chip in Path("/sys/bus/gpio/devices").glob("gpiochip*"))
    kept = PERSIST.read_text(encoding="ascii").strip() if PERSIST.exists() else "unknown"
    return f"{model} | {' '.join(chips)} | lines stay: {kept} | {os.uname().machine} {os.uname().release}"


def pid_of(module: str) -> int | None:
    """The process that runs this module and has not ended."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if module.encode("ascii") in (process / "cmdline").read_bytes().split(b"\0"):
                return int(process.name)
        except OSError:
            continue  # it ended meanwhile
    return None


def died(pid: int) -> bool:
    """Wait until a process that was killed holds nothing any more, for 5 s at most."""
    until_s = time.monotonic() + 5
    while time.monotonic() < until_s:
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] in "ZX":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def open_console() -> None:
    """Make the console what we hear, say and complain to, byte by byte."""
    console = os.open(CONSOLE, os.O_RDWR)
    tty.setraw(console, termios.TCSANOW)
    for number in (0, 1, 2):
        os.dup2(console, number)
    sys.stdin, sys.stdout = open(0, encoding="ascii"), open(1, "w", encoding="ascii", errors="backslashreplace")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="ascii", errors="backslashreplace", buffering=1)  # noqa: SIM115


def main() -> None:
    """Serve for ever; the host ends the machine."""
    libc = ctypes.CDLL("libc.so.6")
    for kind, where, flags in MOUNTS:
        Path(where).mkdir(parents=True, exist_ok=True)
        libc.mount(kind.encode("ascii"), where.encode("ascii"), kind.encode("ascii"), flags, None)
    open_console()
    os.environ.update(PYTHONPATH="/lifecert:/site", HOME="/home", PATH="/usr/bin:/bin", PYTHONDONTWRITEBYTECODE="1")
    os.chdir("/lifecert")
    init = Init()
    sys.stdout.write("@ up\n")
    sys.stdout.flush()
    for order in sys.stdin:
        try:
            answer = init.obey(order)
        except Exception as error:  # noqa: BLE001  whatever it is, the machine would die of it and the host would not learn why
            answer = f"{type(error).__name__}: {error}"
        sys.stdout.write(f"@ {answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
