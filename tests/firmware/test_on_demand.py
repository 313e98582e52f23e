"""A camera that is closed whenever nobody asks for frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from types import TracebackType
from typing import Self

import pytest

from firmware.errors import CameraBusyError, CameraStalledError
from firmware.frame import DARK, Frame, frame_from_bgr
from firmware.on_demand import OnDemandCamera
from tests.firmware.builders import plain


class Counted:
    """A camera that says whether it is open."""

    name = "counted"

    def __init__(self, opens: list[str], error: Exception | None = None) -> None:
        self._opens, self._error = opens, error

    def frames(self) -> Iterator[Frame]:
        for number in range(5):
            if self._error and number == 2:
                raise self._error
            yield frame_from_bgr(plain(10), number, number, DARK)

    def __enter__(self) -> Self:
        self._opens.append("open")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        self._opens.append("closed")


@pytest.fixture
def opens() -> list[str]:
    return []


def test_nothing_is_opened_before_a_frame_is_asked_for(opens: list[str]) -> None:
    with OnDemandCamera("usb:0", lambda: Counted(opens)) as camera:
        frames = camera.frames()
        assert (camera.name, opens) == ("usb:0", [])

        next(frames)

        assert opens == ["open"]


def test_it_is_closed_when_the_visit_no_longer_wants_frames(opens: list[str]) -> None:
    camera = OnDemandCamera("usb:0", lambda: Counted(opens))
    for _ in range(2):
        frames = camera.frames()
        assert isinstance(frames, Iterator)
        with closing(frames):  # type: ignore[type-var]  # a generator, which can be closed
            next(frames)

    assert opens == ["open", "closed"] * 2


def test_it_is_closed_when_it_fails_and_can_be_asked_again(opens: list[str]) -> None:
    camera = OnDemandCamera("usb:0", lambda: Counted(opens, CameraStalledError("usb:0", "silent")))

    for _ in range(2):
        with pytest.raises(CameraStalledError):
            list(camera.frames())

    assert opens == ["open", "closed"] * 2


def test_what_opening_raises_is_raised_by_the_first_frame(opens: list[str]) -> None:
    def busy() -> Counted:
        raise CameraBusyError("usb:0", "/dev/video0")

    with OnDemandCamera("usb:0", busy) as camera:
        frames = camera.frames()

        with pytest.raises(CameraBusyError):
            next(frames)


def test_no_frame_comes_from_a_closed_one(opens: list[str]) -> None:
    camera = OnDemandCamera("usb:0", lambda: Counted(opens))
    frames = camera.frames()
    next(frames)

    camera.__exit__(None, None, None)

    assert list(frames) == []
    assert list(camera.frames()) == []
    assert opens == ["open", "closed"]
