"""Cameras and lights that fail, and boards made of them. All obey the ports of `firmware.ports`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Self

from firmware.board import AGREEABLE, Board, BoardKind
from firmware.clock import SystemClock
from firmware.errors import LightInvalidError
from firmware.frame import Frame, Light
from firmware.ports import Camera
from firmware.twin.parts import (
    Recorder,
    RecordingButton,
    RecordingBuzzer,
    RecordingIlluminator,
    RecordingLed,
    RecordingMirror,
    RecordingScreen,
    RecordingSpeaker,
    RecordingTouches,
)


class ScriptedCamera:
    """Hands out these frames, then ends, or fails with an error."""

    name = "scripted"

    def __init__(self, make_frames: Callable[[], Iterator[Frame]], error: Exception | None = None) -> None:
        self._make_frames, self._error = make_frames, error

    def frames(self) -> Iterator[Frame]:
        yield from self._make_frames()
        if self._error:
            raise self._error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        """Nothing to close."""


class DeadLight:
    """A lamp that cannot be switched, from the given call on."""

    def __init__(self, good_calls: int = 0) -> None:
        self._good_calls = good_calls
        self.calls = 0

    def shine(self, light: Light) -> None:
        self._switch(light.word)

    def off(self) -> None:
        self._switch("0")

    def _switch(self, word: str) -> None:
        self.calls += 1
        if self.calls > self._good_calls:
            raise LightInvalidError(word, "the lamp does not answer")


def twin_board(camera: Camera, recorder: Recorder | None = None) -> Board:
    """A board whose parts remember, with this camera."""
    recorder = recorder or Recorder(SystemClock())
    screen = RecordingScreen(recorder)
    return Board(
        kind=BoardKind.TWIN,
        camera=camera,
        illuminator=RecordingIlluminator(recorder),
        led=RecordingLed(recorder),
        screen=screen,
        speaker=RecordingSpeaker(recorder),
        button=RecordingButton(recorder),
        clock=SystemClock(),
        touches=RecordingTouches(recorder, screen.word, AGREEABLE),
        mirror=RecordingMirror(),
        buzzer=RecordingBuzzer(recorder),
    )


def with_dead_light(board: Board, good_calls: int = 0) -> Board:
    """The same board with a lamp that fails."""
    return replace(board, illuminator=DeadLight(good_calls))
