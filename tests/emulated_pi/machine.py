"""A Raspberry Pi that QEMU emulates, seen from outside: what its console says, and what the registers of its pins hold."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence, Set
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from tests.emulated_pi.wires import ACTIVE_LOW, WIRES

REGISTERS_READ = 14
"""32 bits each, from what the first ten lines are for to the levels of the first 32: BCM2835 ARM Peripherals, 6.1."""
LEVELS = 0x34 // 4
OUTPUT = 0b001
ANSWERS_WITHIN_S = 60.0
LOOKS_EVERY_S = 0.01


class MachineSilentError(Exception):
    """The machine ended, or says nothing; its last lines are in the sentence."""


@dataclass(frozen=True, slots=True)
class Pins:
    """The registers of the pins at one moment."""

    registers: tuple[int, ...]

    def driven(self, line: int) -> bool:
        """Whether the line is an output."""
        return self.registers[line // 10] >> line % 10 * 3 & 0b111 == OUTPUT

    def high(self, line: int) -> bool:
        """Its level."""
        return bool(self.registers[LEVELS] >> line & 1)

    @property
    def on(self) -> frozenset[str]:
        """The functions whose line is driven to where they are on."""
        driven = ((function, line) for function, line in WIRES.items() if self.driven(line))
        return frozenset(function for function, line in driven if self.high(line) is not (function in ACTIVE_LOW))


class EmulatedPi:
    """Starts QEMU, and kills it at the end or when it has lived for too long. One thread asks, another one listens."""

    def __init__(self, command: Sequence[str], peripherals: int, lives_s: float) -> None:
        """`command` without console and monitor; `peripherals` is the address of the pins (0x3f200000 on a Raspberry Pi 3)."""
        self._peripherals, self._said = peripherals, deque[str](maxlen=16)
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        self._console, theirs = socket.socketpair()
        monitor, theirs_too = socket.socketpair()
        wires = (
            *("-chardev", f"socket,id=console,fd={theirs.fileno()}", "-serial", "null", "-serial", "chardev:console"),
            *("-chardev", f"socket,id=monitor,fd={theirs_too.fileno()}", "-mon", "chardev=monitor,mode=control"),
        )
        self._process = subprocess.Popen(
            (*command, *wires), stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(), theirs_too.fileno())
        )
        theirs.close()
        theirs_too.close()
        monitor.settimeout(ANSWERS_WITHIN_S)
        self._monitor = monitor.makefile("rw", encoding="utf-8")
        threading.Thread(target=self._listen, name="console", daemon=True).start()
        self._end = threading.Timer(lives_s, self._process.kill)
        self._end.daemon = True
        self._end.start()

    def __enter__(self) -> Self:
        try:
            self._monitor.readline()
            self._command("qmp_capabilities")
            self.hear()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Its end."""
        self._end.cancel()
        self._process.kill()
        self._process.wait()

    def ask(self, order: str) -> str:
        """Give an order and return the answer. Raises MachineSilentError."""
        self._console.sendall(f"{order}\n".encode("ascii"))
        return self.hear()

    def hear(self) -> str:
        """The next answer. Raises MachineSilentError."""
        try:
            answer = self._answers.get(timeout=ANSWERS_WITHIN_S)
        except Empty as error:
            raise MachineSilentError(f"silent for {ANSWERS_WITHIN_S:.0f} s after: {self._last}") from error
        if answer is None:
            raise MachineSilentError(f"ended after: {self._last}")
        return answer

    def pins(self) -> Pins:
        """What the registers hold now."""
        said = self._command("human-monitor-command", **{"command-line": f"xp /{REGISTERS_READ}wx {self._peripherals:#x}"})
        words = re.findall(r" 0x([0-9a-f]{8})\b", str(said))
        if len(words) != REGISTERS_READ:
            raise MachineSilentError(f"the monitor says {said!r}")
        return Pins(tuple(int(word, 16) for word in words))

    def becomes(self, wanted: Set[str], within_s: float) -> frozenset[str]:
        """Look until exactly these functions are on, and return those that are."""
        until_s, pause = time.monotonic() + within_s, threading.Event()
        while (on := self.pins().on) != wanted and time.monotonic() < until_s:
            pause.wait(LOOKS_EVERY_S)
        return on

    def seen(self, for_s: float) -> set[frozenset[str]]:
        """Everything that was on at one moment or another."""
        until_s, pause, seen = time.monotonic() + for_s, threading.Event(), set()
        while time.monotonic() < until_s:
            seen.add(self.pins().on)
            pause.wait(LOOKS_EVERY_S)
        return seen

    def _listen(self) -> None:
        """Runs in the listener's thread until the machine ends: QEMU stands still while nobody takes what the console says."""
        with self._console.makefile("r", encoding="ascii", errors="replace") as console:
            for line in console:
                said, marked, answer = line.strip().partition("@ ")
                if marked:
                    self._answers.put(answer)
                else:
                    self._said.append(said)
        self._answers.put(None)

    @property
    def _last(self) -> str:
        return " / ".join(self._said)

    def _command(self, name: str, **how: object) -> Any:  # Any: whatever the monitor returns
        self._monitor.write(json.dumps({"execute": name, "arguments": how}) + "\n")
        self._monitor.flush()
        for line in self._monitor:
            said = json.loads(line)
            if "return" in said:
                return said["return"]
            if "error" in said:
                raise MachineSilentError(f"the monitor refuses {name}: {said['error']['desc']}")
        raise MachineSilentError(f"the monitor is gone, after: {self._last}")
