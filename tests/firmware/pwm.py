"""A made-up tree of sysfs with a chip of hardware PWM, whose files a test reads while another process writes them."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firmware.dose import LightLimits
from firmware.lamp_keeper import KeeperOrder
from firmware.pin_drivers import PinDriver
from firmware.pins import PinSettings

PINS = PinSettings(left="pwmchip0/0", right="pwmchip0/1", visible="pwmchip0/2")
LIGHT = LightLimits(left_mw_sr=500, right_mw_sr=500)


@dataclass(frozen=True)
class PwmTree:
    """The files of a chip with four channels."""

    root: Path

    def file(self, channel: int, name: str) -> Path:
        return self.root / "class" / "pwm" / "pwmchip0" / f"pwm{channel}" / name

    def read(self, channel: int, name: str) -> str:
        """What a file says. Between the two steps of a write, which sysfs does in one, a file of a disk is empty."""
        pause = threading.Event()
        for _ in range(2_000):
            if text := self.file(channel, name).read_text(encoding="ascii").strip():
                return text
            pause.wait(0.005)
        raise AssertionError(f"{name} of channel {channel} stays empty")

    def duty_percent(self, channel: int) -> int:
        """What shines; 0 where the channel is off."""
        if self.read(channel, "enable") != "1":
            return 0
        return round(100 * int(self.read(channel, "duty_cycle")) / int(self.read(channel, "period")))

    @property
    def shining(self) -> dict[int, int]:
        """Channel -> duty of all that shine."""
        return {channel: duty for channel in range(4) if (duty := self.duty_percent(channel))}


def write_pwm(root: Path, *, left_on: bool = False) -> PwmTree:
    """A chip whose channels somebody has exported; `left_on`: they were left shining."""
    tree = PwmTree(root)
    for channel in range(4):
        folder = tree.file(channel, "x").parent
        folder.mkdir(parents=True)
        start = {"duty_cycle": 30_000, "period": 50_000, "enable": 1} if left_on else {"duty_cycle": 0, "period": 0, "enable": 0}
        for name, value in start.items():
            (folder / name).write_text(f"{value}\n", encoding="ascii")
        (folder / "polarity").write_text("normal\n", encoding="ascii")
    return tree


def order(tree: PwmTree, pins: PinSettings = PINS, light: LightLimits = LIGHT) -> KeeperOrder:
    """What a keeper of lamps on this tree is told."""
    return KeeperOrder(PinDriver.GPIOD, pins, light, None, tree.root)


Write = Callable[[Path, str, str | None], int]


def written_as_by_the_kernel(tree: PwmTree, write: Write = Path.write_text) -> Write:
    """A `Path.write_text` that obeys and refuses as the files of sysfs do (Linux, drivers/pwm/core.c)."""

    def obey(file: Path, text: str, encoding: str | None = None) -> int:
        if file.name == "export":
            channel = int(text)
            for name in ("period", "duty_cycle", "enable"):
                tree.file(channel, name).parent.mkdir(exist_ok=True)
                write(tree.file(channel, name), "0\n", encoding)
            return len(text)
        state = {name: int((file.parent / name).read_text(encoding="ascii")) for name in ("period", "duty_cycle")}
        if file.name in state:
            state[file.name] = int(text)
        if state["period"] == 0 or state["duty_cycle"] > state["period"]:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return write(file, text, encoding)

    return obey
