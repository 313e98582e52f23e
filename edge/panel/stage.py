"""The end of the stage socket where the panel stands: it listens, connects again when cut off, and says what was touched.

Everything runs in the one event loop of the program. Nothing is kept for later: a touch that cannot be said now is refused,
for whoever touched has long seen that nothing happened.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from edge.panel.errors import StageGoneError
from edge.showing.errors import StageLineError
from edge.showing.messages import LONGEST_DOWN_BYTES, Down, Ordered, Touch, Up, Watching, read_down, up_line

log = logging.getLogger("lifecert.panel")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 3.0
"""Between two tries to connect; each pause is twice the one before."""
MOST_WAITING_BYTES = 4096
"""Of touches that `lifecert-edge` has not read yet; with more, it is as good as gone."""


@dataclass(frozen=True, slots=True)
class Gone:
    """`lifecert-edge` is not there, or not any more."""


@dataclass(slots=True, eq=False)
class Stage:
    """Tells `hear` what comes, and `Gone` as often as nothing can come any more."""

    path: Path
    hear: Callable[[Down | Gone], None]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _writer: asyncio.StreamWriter | None = None
    _watching: bool = False
    _why: str = field(default="")

    @property
    def connected(self) -> bool:
        """Whether `lifecert-edge` is there."""
        return self._writer is not None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause_s = FIRST_PAUSE_S
        while True:
            if await self._attend():
                pause_s = FIRST_PAUSE_S
            self.hear(Gone())
            await self.pause(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    def touch(self, touch: Touch) -> None:
        """Say that this was touched; `StageGoneError` when nobody would hear it."""
        self._say(touch)

    def order(self, order: str) -> None:
        """Say that an operator ordered this; `StageGoneError` when nobody would hear it."""
        self._say(Ordered(order))

    def watch(self, mirror: bool) -> None:
        """Say whether somebody looks into the mirror, now and after each new connection."""
        self._watching = mirror
        with suppress(StageGoneError):
            self._say(Watching(mirror))

    def _say(self, message: Up) -> None:
        writer = self._writer
        if writer is None:
            raise StageGoneError
        if writer.transport.get_write_buffer_size() > MOST_WAITING_BYTES:
            writer.transport.abort()
            raise StageGoneError
        writer.write(up_line(message))

    async def _attend(self) -> bool:
        """One connection from its start to its end. Whether anything was understood on it."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.path, limit=LONGEST_DOWN_BYTES)
        except OSError as error:
            self._complain(error.strerror or type(error).__name__)
            return False
        self._writer, understood = writer, False
        try:
            self.watch(self._watching)
            while line := await reader.readline():
                self.hear(read_down(line))
                understood = True
            self._complain("it closed the connection")
        except (OSError, ValueError) as error:  # A line without end is a ValueError of asyncio.
            self._complain(str(error))
        except StageLineError as error:
            self._complain(error.why)
        finally:
            self._writer = None
            writer.close()
        return understood

    def _complain(self, why: str) -> None:
        """Say once why the stage is gone, not at every try."""
        if why != self._why:
            log.warning("stage gone", extra={"why": why})
        self._why = why
