"""Hardware PWM of a lamp through the kernel's files (kernel documentation, "Pulse Width Modulation (PWM) interface").

Hardware, because PWM that software makes jitters, and gives bands in the picture of a rolling shutter. What is set here stays set
when a process ends, however it ends; see `firmware.lamps`.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from firmware.errors import PinLostError
from firmware.pins import PwmChannel
from firmware.sysfs import text_in

PERIOD_NS = 50_000
"""20 kHz: at least a dozen periods in the shortest exposure, and nobody hears a coil sing."""
HANDED_OVER_AFTER, LOOK_AGAIN_S = 40, 0.05
"""udev gives the files of a channel to its group a little after the kernel made them: so often is it asked for again."""


class PwmLamp:
    """A lamp that can be dimmed. Obeys `firmware.lamps.Lamp`."""

    dims = True

    def __init__(self, channel: PwmChannel, sysfs: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take the channel and make it dark; `sysfs` is where sysfs is mounted. Raises PinLostError."""
        self._name = channel.chip
        self._what = f"channel {channel.channel} ({channel.function})"
        chip = sysfs / "class" / "pwm" / channel.chip
        self._folder = chip / f"pwm{channel.channel}"
        if not chip.is_dir():
            raise PinLostError(self._name, self._what, "there is no such chip; on a Raspberry Pi: dtoverlay=pwm-2chan")
        if not self._folder.is_dir():
            self._write(chip / "export", channel.channel)
            self._await_handing_over(sleep)
        # The kernel takes no other value while a channel has no period, as a new one has none; and none shorter than the light.
        if self._told("period") == "0":
            self._write(self._folder / "period", PERIOD_NS)
        self.set(0)
        self._write(self._folder / "period", PERIOD_NS)
        # The polarity can be changed only while the channel is off, and only where its driver knows another.
        if channel.active_low or self._told("polarity") == "inversed":
            self._write(self._folder / "polarity", "inversed" if channel.active_low else "normal")

    def set(self, duty_percent: int) -> None:
        """Shine so strongly, 0 to 100. Raises PinLostError."""
        self._write(self._folder / "duty_cycle", PERIOD_NS * duty_percent // 100)
        self._write(self._folder / "enable", int(duty_percent > 0))

    def _await_handing_over(self, sleep: Callable[[float], None]) -> None:
        """Wait until the files of a channel that was just exported may be written to; the next write tells who never may."""
        for _ in range(HANDED_OVER_AFTER):
            if os.access(self._folder / "enable", os.W_OK):
                return
            sleep(LOOK_AGAIN_S)

    def _told(self, name: str) -> str | None:
        """What a file says; None where it is missing, as polarity is with a driver that knows only one."""
        return text_in(self._folder / name)

    def _write(self, file: Path, value: int | str) -> None:
        try:
            file.write_text(f"{value}\n", encoding="ascii")
        except OSError as error:
            raise PinLostError(self._name, self._what, f"{file.name} cannot be set: {error.strerror}") from error
