"""A live camera that is opened only while frames are asked for: between visits it is closed, and sees nobody."""

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from firmware.frame import Frame
from firmware.ports import Camera


class OnDemandCamera:
    """Opens a camera for each call of `frames`, and closes it when that ends, however it ends.

    What opening raises (`CameraNotFoundError`, `CameraDeniedError`, `CameraBusyError`, `CameraFormatError` ...) is raised by the
    first frame that is asked for, so a visit that was begun ends with it as its reason.
    """

    def __init__(self, name: str, opened: Callable[[], Camera]) -> None:
        self._name, self._opened = name, opened
        self._closed = False

    @property
    def name(self) -> str:
        """The words by which it is opened."""
        return self._name

    def frames(self) -> Iterator[Frame]:
        """Hand out live frames; closing the iterator closes the camera. A closed camera hands out none."""
        if self._closed:
            return
        with self._opened() as camera:
            for frame in camera.frames():
                if self._closed:
                    return
                yield frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        """From now on no frame comes."""
        self._closed = True
