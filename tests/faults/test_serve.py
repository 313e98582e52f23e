"""The very program on duty: without its camera it stays alive, says so, and serves when the camera is there (F58, R9)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.health.notes import read_note
from edge.state_dir import StateDir
from tests.conftest import REPOSITORY, mirror_folder
from tests.fakes.noise import picture

pytestmark = [pytest.mark.weights, pytest.mark.system]

PROGRAM = "from edge.service import main; main()"


@contextmanager
def serving(state: Path, camera: str, gallery: Path) -> Iterator[subprocess.Popen[str]]:
    """`lifecert-edge serve` on this camera, until the block ends."""
    words = ["serve", "--state", str(state), "--camera", camera, "--gallery", str(gallery), "--mirror", str(mirror_folder())]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], stderr=subprocess.PIPE, text=True, env=environment, cwd=gallery
    )
    try:
        yield program
    finally:
        program.kill()
        program.wait(timeout=30)
        if program.stderr:
            program.stderr.close()


def shown_until(program: subprocess.Popen[str], code: str) -> list[tuple[str, str]]:
    """What LED and screen show up to this code; fails when the program ends before."""
    assert program.stderr is not None
    shown: list[tuple[str, str]] = []
    said: list[str] = []
    for line in program.stderr:
        said.append(line)
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("part") in ("led", "screen"):
            shown.append((told["part"], told["what"]))
        if ("screen", code) in shown:
            return shown
    raise AssertionError("".join(said))


def test_a_unit_without_its_camera_says_so_stays_alive_and_goes_on_when_it_is_there(enrolled: StateDir, tmp_path: Path) -> None:
    frames = tmp_path / "frames"

    with serving(enrolled.root, f"folder:{frames}", tmp_path) as program:
        assert shown_until(program, "CAMERA_LOST") == [("led", "FAULT"), ("screen", "CAMERA_LOST")]
        assert program.poll() is None
        note = read_note(enrolled.condition)
        assert note is not None
        assert (note.condition.state, note.condition.faults[0]) == ("paused", "camera_missing")

        frames.mkdir()
        for number in range(3):
            picture(frames / f"{number}.png", number)

        assert shown_until(program, "READY") == [("led", "IDLE"), ("screen", "READY")]
        assert program.poll() is None
