"""Plays the panel: the product's own end of the stage socket, and somebody who touches what a visitor would."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.evaluate.soak.dice import Mishap
from edge.panel.errors import StageGoneError
from edge.panel.stage import Gone, Stage
from edge.prompts.catalogue import LANGUAGE_CHOICE, ChoiceCode, ScreenCode
from edge.showing.messages import Down, Touch
from firmware.ports import View

AWAY_S = 0.3


@dataclass(slots=True)
class PanelPlayer:
    """One panel, in a thread of its own. The manner is set by the main thread before a visit."""

    socket: Path
    manner: Mishap = Mishap.NONE
    seen: int = 0
    """Messages that came."""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _task: asyncio.Task[None] | None = None
    _stage: Stage | None = None
    _thread: threading.Thread | None = None
    _switched: bool = False

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def behave(self, manner: Mishap) -> None:
        """From now on it does this."""
        self.manner, self._switched = manner, False

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._connect()
        self._loop.run_forever()

    def _connect(self) -> None:
        self._stage = Stage(self.socket, self._hear, _soon)
        self._stage.watch(True)
        self._task = self._loop.create_task(self._stage.run())

    def _hear(self, message: Down | Gone) -> None:
        self.seen += 1
        if not isinstance(message, View):
            return
        match message.code:
            case ScreenCode.CONSENT:
                self._at_consent(message)
            case ScreenCode.HOLD_STILL_PLEASE:
                self._during_visit(message)

    def _at_consent(self, view: View) -> None:
        if self.manner is Mishap.LANGUAGE and not self._switched:
            self._switched = True
            self._touch(view, next(choice.code for choice in view.choices if choice.code.startswith(LANGUAGE_CHOICE)))
            return
        self._touch(view, ChoiceCode.DECLINE if self.manner is Mishap.DECLINE else ChoiceCode.AGREE)

    def _during_visit(self, view: View) -> None:
        match self.manner:
            case Mishap.CANCEL:
                self._touch(view, ChoiceCode.CANCEL)
            case Mishap.PANEL_GONE:
                self.manner = Mishap.NONE
                if self._task:
                    self._task.cancel()
                self._loop.call_later(AWAY_S, self._connect)
            case Mishap.PANEL_BABBLES:
                self.manner = Mishap.NONE
                self._loop.create_task(self._babble())
            case _:
                pass

    def _touch(self, view: View, choice: str) -> None:
        with suppress(StageGoneError):
            if self._stage:
                self._stage.touch(Touch(choice, view.number))

    async def _babble(self) -> None:
        """A second panel that says what nobody can say."""
        with suppress(OSError):
            _, writer = await asyncio.open_unix_connection(self.socket)
            writer.write(b'{"open": "sesame"}\n' + b"x" * 10_000)
            writer.close()


async def _soon(_seconds: float) -> None:
    """A panel that is quick to come back, for this is no test of its patience."""
    await asyncio.sleep(0.05)
