"""The process that `lifecert bench` measures from outside: the vision half of a unit, from its start to visits back to back.

Run by `python -m edge.commands.bench_unit PICTURE FOLDER FRAMES CHOICE MIRROR`; the last two may be empty. It writes `ready` and
its CPU-ms so far once its networks are open and the picture was seen; then it serves visits for so many frames, none for 0, and
writes its memory as JSON. The frames are the pictures of the folder: what decodes a video holds memory that no camera needs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import click

import edge.one_thread  # noqa: F401  # before numpy is loaded
from edge.attempt import Attempt, Ending
from edge.conclude import judge
from edge.engine import Engine, open_engine
from edge.likeness import Standard
from edge.model_choice import choices_for_this_board
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.reference import embed_only_face
from edge.session.challenge import STILL
from edge.spare_memory import give_back_memory
from firmware.board import Board, BoardKind, open_board
from firmware.clock import SystemClock
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from firmware.picture import read_picture
from firmware.ports import Camera
from firmware.twin.parts import Recorder
from models.store import store_from_environment

TENTHS = 10
"""Memory swings by a few frames, so that of the middle visit of a tenth counts: of the second, which is warm, and of the last."""
PAUSE_NS = 40_000_000
"""From the last picture to the first one again."""


def main(picture: Path, folder: Path, frames: int, choice: Path | None, mirror: Path | None) -> None:
    """Become ready, then serve."""
    choices = choices_for_this_board(choice) if choice else None
    engine = open_engine(store_from_environment(os.environ, mirror), choice=choices)
    frame = frame_from_bgr(read_picture(picture), 0, 0, UNKNOWN_LIGHT)
    _attempt(engine, _board(folder), iter([frame]))
    click.echo(f"ready {time.process_time() * 1000:.1f}")
    sys.stdout.flush()
    if frames:
        _serve(engine, frame, folder, frames)


def _board(folder: Path) -> Board:
    """One for each visit, as the service opens one: what its parts remember ends with it."""
    return open_board(BoardKind.TWIN, f"folder:{folder}", Recorder(SystemClock()))


def _attempt(engine: Engine, board: Board, stream: Iterator[Frame]) -> Ending:
    performer = Performer(board, load_catalogue("en"))
    return Attempt(engine.pipeline(), engine.rules, STILL, performer, time.process_time_ns).run(stream, tuple)


def _serve(engine: Engine, photo: Frame, folder: Path, frames: int) -> None:
    ready, seen, after_visits = _resident_bytes(), 0, []
    standard = Standard(embed_only_face(photo.bgr, engine.eyes), engine.rules.thresholds)
    with _board(folder) as filming:
        stream = _endless(filming.camera)
        while seen < frames:
            ending = _attempt(engine, _board(folder), stream)
            judge(ending, (standard,), engine.embedder, engine.rules)
            seen += ending.frames
            del ending
            give_back_memory()  # As the service does after each visit.
            after_visits.append((seen, _resident_bytes()))
    told = {"frames": seen, "ready": ready, "warm": middle(after_visits, 2), "last": middle(after_visits, TENTHS)}
    engine.rest()  # As the service does once nobody has come for a minute.
    click.echo(json.dumps({**told, "rest": _resident_bytes(), "most": _highest_bytes()}))


def middle(after_visits: Sequence[tuple[int, int]], tenth: int) -> int:
    """Of the visits that end in this tenth of all frames; of the first that ends after it, where none does."""
    last = after_visits[-1][0]
    inside = [memory for seen, memory in after_visits if (tenth - 1) * last < TENTHS * seen <= tenth * last]
    return int(median(inside or [next(memory for seen, memory in after_visits if TENTHS * seen > tenth * last)]))


def _endless(camera: Camera) -> Iterator[Frame]:
    """The pictures over and over; time goes on."""
    sequence, shift_ns, last_ns = 0, 0, 0
    while True:
        for frame in camera.frames():
            last_ns = frame.captured_ns + shift_ns
            yield replace(frame, captured_ns=last_ns, sequence=sequence)
            sequence += 1
        shift_ns = last_ns + PAUSE_NS


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _highest_bytes() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *(Path(word) if word else None for word in sys.argv[4:6]))
