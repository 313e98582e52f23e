"""What `scripts/aarch64` runs as another processor names the module that does not load, and forgives only missing extras."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "import_rooms.py"
PROJECT = """
[project]
dependencies = ["needed-library>=1; python_version < '4'"]
[project.optional-dependencies]
board = ["board-library>=2", "needed-library[more]"]
[project.scripts]
start = "room.program:main"
"""


def imported(tree: Path, **modules: str) -> subprocess.CompletedProcess[str]:
    (tree / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (tree / "room").mkdir()
    for name, text in {"__init__": "", **modules}.items():
        (tree / "room" / f"{name}.py").write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, SCRIPT, "room"], cwd=tree, capture_output=True, text=True, check=False)


def test_modules_that_load_are_counted(tmp_path: Path) -> None:
    ended = imported(tmp_path, first="", second="import json")

    assert ended.returncode == 0
    assert ended.stdout == "3 modules load, 0 need an extra that a unit may lack, 0 do not load\n"


@pytest.mark.parametrize(
    "text",
    [
        "import board_library.part",
        "try:\n    import board_library\nexcept ImportError as error:\n    raise OSError('no') from error",
    ],
    ids=["missing", "missing, said in our own words"],
)
def test_what_only_an_extra_brings_may_be_missing(tmp_path: Path, text: str) -> None:
    ended = imported(tmp_path, board=text)

    assert ended.returncode == 0
    assert "1 need an extra" in ended.stdout


def test_a_program_must_load_without_extras(tmp_path: Path) -> None:
    ended = imported(tmp_path, program="import board_library")

    assert ended.returncode == 1
    assert "error: room.program does not load: ModuleNotFoundError" in ended.stderr


@pytest.mark.parametrize("text", ["import needed_library", "import room.nothing", "1 / 0"])
def test_whatever_else_does_not_load_is_named(tmp_path: Path, text: str) -> None:
    ended = imported(tmp_path, broken=text, well="")

    assert ended.returncode == 1
    assert "error: room.broken does not load: " in ended.stderr
    assert ended.stdout.startswith("2 modules load")


def test_the_last_name_is_that_of_the_module_that_took_the_program_down(tmp_path: Path) -> None:
    ended = imported(tmp_path, crash="import os, signal\nos.kill(os.getpid(), signal.SIGILL)")

    assert ended.returncode < 0
    assert ended.stderr.splitlines()[-1] == "importing room.crash ..."
