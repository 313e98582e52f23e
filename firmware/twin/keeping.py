"""Keeps what a camera sees, as a folder that `folder:DIR` plays again: every frame, its time and its light."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware.errors import FrameNotKeptError
from firmware.frame import Frame
from firmware.picture import png_of
from firmware.ports import Camera
from firmware.twin.frame_table import COLUMNS

TABLE = "frames.csv"


class KeepingCamera:
    """Another camera whose frames are written down as they pass, before anybody sees them. Obeys `firmware.ports.Camera`.

    The folder and its files are for this user alone. Frames of a camera that is asked twice are kept once more from the start. Of
    a light its word is kept, not its duty. Raises FrameNotKeptError when the disk takes no more, instead of handing out a frame.
    """

    def __init__(self, camera: Camera, folder: Path) -> None:
        self._camera, self._folder = camera, folder

    @property
    def name(self) -> str:
        """That of the camera."""
        return self._camera.name

    def frames(self) -> Iterator[Frame]:
        """The frames of the camera."""
        self._append(TABLE, _line(COLUMNS), anew=True)
        for frame in self._camera.frames():
            file = f"{frame.sequence:06d}.png"
            self._append(file, png_of(frame.bgr), anew=True)
            self._append(TABLE, _line((file, str(frame.captured_ns), frame.light.word)), anew=False)
            yield frame

    def __enter__(self) -> Self:
        self._camera.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._camera.__exit__(kind, error, trace)

    def _append(self, file: str, content: bytes, *, anew: bool) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            descriptor = os.open(
                self._folder / file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if anew else os.O_APPEND), 0o600
            )
            with os.fdopen(descriptor, "ab") as target:
                os.fchmod(descriptor, 0o600)
                target.write(content)
        except OSError as error:
            raise FrameNotKeptError(self._folder / file, error.strerror or "the file cannot be written") from error


def _line(cells: Sequence[str]) -> bytes:
    return (",".join(cells) + "\n").encode()
