"""Looks at a place again and again, and keeps nothing but numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from edge.engine import Engine
from edge.evaluate.survey.diary import time_of
from edge.evaluate.survey.look import Look, look_at
from edge.evaluate.tables import file_inside, read_table
from firmware.errors import CameraFormatError, FirmwareError
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.picture import read_picture
from firmware.ports import Camera

SETTLING = 15
"""So many frames a camera takes to find its exposure; the last one counts."""


@dataclass(frozen=True, slots=True)
class Timer:
    """The clock of the place."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    """Seconds."""


def looks_of(table: Path, folder: Path, known: frozenset[datetime], engine: Engine) -> Iterator[Look]:
    """The looks of recorded pictures, columns file and time, but at times that are known.

    Raises what `read_table` and `read_picture` raise, and `ModelError`.
    """
    for row in read_table(table, ("file", "time")):
        if time_of(row, "time") in known:
            continue
        frame = frame_from_bgr(read_picture(file_inside(folder, row, "file")), 0, 0, UNKNOWN_LIGHT)
        yield look_at(frame, time_of(row, "time"), engine)


def watch(
    open_it: Callable[[], Camera],
    hours: float,
    every: timedelta,
    engine: Engine,
    timer: Timer,
    missed: Callable[[FirmwareError], None],
) -> Iterator[Look]:
    """A look every so often, for so many hours; the camera is open no longer than a look takes.

    A camera that cannot be opened or breaks off is `missed`, and tried again when the next look is due, but at the first look its
    error is raised: then the survey could not begin. Raises `FirmwareError` and `ModelError`.
    """
    begun = timer.now()
    due, number = begun, 0
    while due < begun + timedelta(hours=hours):
        timer.sleep(max(0.0, (due - timer.now()).total_seconds()))
        try:
            yield look_at(_frame(open_it), due, engine)
        except FirmwareError as error:
            if number == 0:
                raise
            missed(error)
        number += 1
        due = begun + number * every


def _frame(open_it: Callable[[], Camera]) -> Frame:
    with open_it() as camera:
        frames = deque(islice(camera.frames(), SETTLING), maxlen=1)
        if not frames:
            raise CameraFormatError(camera.name, "it shows no picture")
        return frames[0]
