"""What a unit in a soak sees: for each visit another camera, button and heat, as a file says that stands beside its state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.durable_file import write_durably
from firmware.absent import NO_TOUCHES
from firmware.board import Board, open_camera
from firmware.frame import Frame
from firmware.ports import Camera, Clock
from firmware.twin.pace import Pace
from firmware.twin.parts import Recorder, RecordingButton, RecordingThermometer

SCENE = "scene.json"
CAMERA = "camera"
"""The camera of the settings: what a unit opens before each visit, and tries itself with."""


FILMS = "films"
"""The recordings as pictures: what decodes a video holds memory that no camera needs."""


def film(folder: Path, clip: str) -> Path:
    """Where the pictures of a clip lie."""
    return folder / FILMS / Path(clip).stem


@dataclass(frozen=True, slots=True)
class Scene:
    """One visit, as the board has it."""

    camera: str
    """Its word."""
    press_at: int | None = None
    """The frame at which the button is pressed."""
    celsius: float | None = None


def write_scene(folder: Path, scene: Scene) -> None:
    """From the next board on it is like this."""
    told = {"camera": scene.camera, "press_at": scene.press_at, "celsius": scene.celsius}
    write_durably(folder / SCENE, json.dumps(told).encode())


def read_scene(folder: Path) -> Scene:
    """What was written last."""
    return Scene(**json.loads((folder / SCENE).read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class FastClock:
    """A clock so many times as fast as another."""

    clock: Clock
    speed: float

    def now_ns(self) -> int:
        """Nanoseconds."""
        return round(self.clock.now_ns() * self.speed)


@dataclass(frozen=True, slots=True)
class StagedCamera:
    """Obeys `firmware.ports.Camera`; what it plays is opened with the first frame and closed with the last."""

    name: str
    opened: Callable[[], Camera]
    press_at: int | None
    press: Callable[[], None]

    def frames(self) -> Iterator[Frame]:
        """Raises what the camera that is played raises."""
        with self.opened() as camera:
            for number, frame in enumerate(camera.frames()):
                if number == self.press_at:
                    self.press()
                yield frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing is open outside of `frames`."""


@dataclass(frozen=True, slots=True)
class Staging:
    """Changes the board of a twin into that of the scene. Only whoever stands at the panel touches its screen."""

    folder: Path
    panel: Callable[[Board], Board]
    clock: FastClock
    sleep: Callable[[float], None]
    recorder: Recorder

    def __call__(self, board: Board) -> Board:
        """The board of the next visit."""
        scene = read_scene(self.folder)
        button, thermometer = RecordingButton(self.recorder), RecordingThermometer(self.recorder)
        if scene.celsius is not None:
            thermometer.tell(scene.celsius)
        asked = getattr(board.screen, "word")  # noqa: B009 - the screen of a twin, which remembers

        def opened() -> Camera:
            return open_camera(scene.camera, asked=asked, pace=Pace.REAL_TIME, clock=self._clock_for(scene), sleep=self._sleep)

        camera = StagedCamera(scene.camera, opened, scene.press_at, button.press)
        return self.panel(replace(board, camera=camera, button=button, thermometer=thermometer, touches=NO_TOUCHES))

    def _clock_for(self, scene: Scene) -> Clock:
        """A camera in a process of its own judges the age of its pictures by the real clock, and is not held back."""
        return self.clock.clock if scene.camera.startswith("apart:") else self.clock

    def _sleep(self, seconds: float) -> None:
        self.sleep(seconds / self.clock.speed)
