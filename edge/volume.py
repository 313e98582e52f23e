"""How loud the unit speaks: as the settings say, until an operator orders otherwise; that lasts across restarts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from edge.showing.orders import LOUDEST
from firmware.ports import Loudness, Speaker

log = logging.getLogger("lifecert.volume")

MOST_BYTES = 16


@dataclass(frozen=True, slots=True)
class VolumeMemory:
    """What was ordered last, per cent as text in one small file."""

    path: Path

    @property
    def kept(self) -> int | None:
        """0 to 100; None where nothing was ordered, or where nobody can read what."""
        try:
            with self.path.open("rb") as file:
                percent = int(file.read(MOST_BYTES))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("volume not remembered", extra={"error": type(error).__name__})
            return None
        return percent if 0 <= percent <= LOUDEST else None

    def keep(self, percent: int) -> None:
        """Remember it; raises `FileNotDurableError`."""
        write_durably(self.path, f"{percent}\n".encode())


@dataclass(frozen=True, slots=True)
class Volume:
    """The loudness of the unit's speaker, which may have none."""

    speaker: Speaker | None
    memory: VolumeMemory

    def restore(self) -> None:
        """Speak as loud as was ordered last."""
        kept = self.memory.kept
        if isinstance(self.speaker, Loudness) and kept is not None:
            self.speaker.set_volume(kept)

    @property
    def percent(self) -> int | None:
        """How loud it speaks; None where nothing can be set."""
        return round(self.speaker.volume_percent) if isinstance(self.speaker, Loudness) else None

    def order(self, percent: int) -> str:
        """Speak so loud from now on, 0 to 100. The answer begins with `ok` or `BAD`, as a finding."""
        if not isinstance(self.speaker, Loudness):
            return "BAD HW_UNSUPPORTED this unit has no speaker whose volume can be set."
        self.speaker.set_volume(percent)
        try:
            self.memory.keep(percent)
        except FileNotDurableError as error:
            log.warning("volume not kept", extra={"why": error.what})
            return f"BAD STORE_FULL {percent} % until the next restart only: it could not be written down ({error.what})."
        return f"ok {percent} % from now on."
