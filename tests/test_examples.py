"""The examples run as their first lines say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(name: str, *words: str) -> str:
    done = subprocess.run([sys.executable, str(EXAMPLES / name), *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_led_example_blinks_three_times() -> None:
    assert run("blink_the_status_led.py").split("\n").count("led IDLE") == 3


@pytest.mark.footage
def test_the_twin_example_counts_the_frames_of_a_clip(footage_dir: Path) -> None:
    said = run("run_with_twin_board.py", str(footage_dir / "clips" / "grid_bbaf2n.mpg"))

    assert said.splitlines() == ["75 frames, light ?", "LED: OFF"]


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_is_short_enough_to_read_at_once(example: Path) -> None:
    code = example.read_text(encoding="utf-8").split('"""')[2]

    assert len([line for line in code.splitlines() if line.strip()]) <= 30
