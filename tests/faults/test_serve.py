"""The very program on duty: without its camera it stays alive, tells its panel, and serves when the camera is there (F58, R9)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.health.notes import read_note
from edge.showing.messages import Condition, read_down
from edge.state_dir import StateDir
from firmware.ports import Mood, View
from tests.conftest import REPOSITORY, mirror_folder
from tests.fakes.noise import picture

pytestmark = [pytest.mark.weights, pytest.mark.system]

PROGRAM = "from edge.service import main; main()"
WITHIN_S = 60.0


@contextmanager
def serving(state: Path, camera: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`lifecert-edge serve` on this camera, and its stage socket, until the block ends."""
    with tempfile.TemporaryDirectory() as short:
        stage = Path(short) / "s"
        tables = f'[unit]\nstate = "{state}"\nlanguage = "en"\n[screen]\nkind = "panel"\n[panel]\nsocket = "{stage}"\n'
        (config := folder / "unit.toml").write_text(tables)
        words = ["serve", "--config", str(config), "--camera", camera, "--gallery", str(folder), "--mirror", str(mirror_folder())]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        program = subprocess.Popen([sys.executable, "-c", PROGRAM, *words], env=environment, cwd=folder)
        try:
            yield program, stage
        finally:
            program.kill()
            program.wait(timeout=30)


@contextmanager
def panel(program: subprocess.Popen[bytes], stage: Path) -> Iterator[Iterator[View | Condition]]:
    """What a panel hears from the program, as it comes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(WITHIN_S)
        while True:
            assert program.poll() is None
            try:
                connection.connect(str(stage))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                os.sched_yield()
        with connection.makefile("rb") as lines:
            yield (said for line in lines if isinstance(said := read_down(line), View | Condition))


def view_of(said: Iterator[View | Condition], code: str) -> tuple[View, list[Condition]]:
    """The view of this code, and the conditions heard before it."""
    conditions: list[Condition] = []
    for each in said:
        if isinstance(each, Condition):
            conditions.append(each)
        elif each.code == code:
            return each, conditions
    raise AssertionError(f"the program ended before {code}; it told {conditions}")


def test_a_unit_without_its_camera_says_so_stays_alive_and_goes_on_when_it_is_there(enrolled: StateDir, tmp_path: Path) -> None:
    frames = tmp_path / "frames"

    with serving(enrolled.root, f"folder:{frames}", tmp_path) as (program, stage), panel(program, stage) as said:
        view, told = view_of(said, "CAMERA_LOST")
        assert (view.title, view.mood) == ("The camera was disconnected", Mood.FAULT)
        assert [one.facts["state"] for one in told][-1] == "paused"
        note = read_note(enrolled.condition)
        assert note is not None
        assert (note.condition.state, note.condition.faults[0]) == ("paused", "camera_missing")

        frames.mkdir()
        for number in range(3):
            picture(frames / f"{number}.png", number)

        _, told = view_of(said, "READY")
        assert told[-1].facts["serves"] is True
        assert program.poll() is None
