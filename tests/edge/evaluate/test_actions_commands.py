"""`lifecert actions` and `lifecert evaluate actions`: documents, plots, exit codes, and what they find on real footage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.evaluate.plots_actions import draw_timeline
from firmware.picture import read_picture
from tests.edge.evaluate.test_actions import diary, mark

PNG = b"\x89PNG\r\n\x1a\n"


def run(*words: object, mirror: Path | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], env={"LIFECERT_MIRROR": str(mirror) if mirror else ""})


def fault(result: Result) -> str:
    assert result.exit_code == 2, result.output
    return str(json.loads(result.stdout)["error"]["code"])


@pytest.mark.parametrize("words", [("actions",), ("evaluate", "actions")])
def test_each_command_shows_how_it_is_used(words: tuple[str, ...]) -> None:
    result = run(*words, "--help")

    assert result.exit_code == 0
    assert f"lifecert {' '.join(words)} " in result.stdout.partition("Examples:")[2]


@pytest.mark.footage
@pytest.mark.weights
def test_a_man_who_opens_his_mouth_twice_and_blinks_twice(footage_dir: Path, tmp_path: Path) -> None:
    clip, plot = footage_dir / "clips" / "lp_d18_mouth_open.mp4", tmp_path / "timeline.png"

    result = run("actions", clip, "--json", "--plot", plot, mirror=footage_dir.parent)

    assert result.exit_code == 0, result.output
    seen = json.loads(result.stdout)
    assert [(one["kind"], one["whole"], one["in_guide"]) for one in seen["events"]] == [
        ("open_mouth", True, True),
        ("blink", True, True),
        ("open_mouth", True, True),
        ("blink", True, True),
    ]
    assert [one["start_s"] for one in seen["events"]] == pytest.approx([2.1, 3.1, 3.85, 6.17], abs=0.25)
    # A visit leaves the dense landmarks out of a frame now and then.
    assert seen["frames"] == 216
    assert 180 <= seen["frames_watched"] < 216
    assert read_picture(plot).shape[2] == 3


@pytest.mark.footage
@pytest.mark.weights
def test_marks_of_a_talking_man_are_found_and_a_mark_that_is_not_true_is_missed(footage_dir: Path, tmp_path: Path) -> None:
    marks = tmp_path / "events.csv"
    lines = ("grid_lbax4n.mpg,blink,1.08,1.24", "grid_lbax4n.mpg,talks,0.0,2.2", "grid_lbax4n.mpg,mouth_open,2.5,2.8")
    marks.write_text("\n".join(("file,event,start_s,end_s", *lines)), encoding="utf-8")

    result = run(
        "evaluate", "actions", marks, "--root", footage_dir / "clips", "--plots", tmp_path / "plots", "--json",
        mirror=footage_dir.parent,
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["kinds"]["blink"]["value"], found["kinds"]["mouth_open"]["value"]) == (1.0, 0.0)
    assert (found["false_per_minute"], found["contexts"]["talks"]["seconds"]) == (0.0, 2.2)
    assert found["missed"] == [{"file": "grid_lbax4n.mpg", "event": "mouth_open", "start_s": 2.5, "end_s": 2.8}]
    assert [path.name for path in (tmp_path / "plots").iterdir()] == ["grid_lbax4n.mpg.png"]


@pytest.mark.footage
@pytest.mark.weights
def test_a_clip_without_a_face_holds_nothing(footage_dir: Path) -> None:
    result = run("actions", footage_dir / "clips" / "intel_no_face.mp4", mirror=footage_dir.parent)

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "no face was seen"


def test_what_is_no_clip_is_a_fault_before_any_network_is_opened(tmp_path: Path) -> None:
    text = tmp_path / "a.mp4"
    text.write_text("no clip", encoding="utf-8")

    assert fault(run("actions", tmp_path / "none.mp4", "--json")) == "CameraNotFound"
    assert fault(run("actions", text, "--json")) == "CameraFormat"


def test_a_list_that_cannot_be_used_is_a_fault_before_anything_is_played(tmp_path: Path) -> None:
    assert fault(run("evaluate", "actions", tmp_path / "none.csv", "--root", tmp_path, "--json")) == "ListUnreadable"
    assert fault(run("actions", tmp_path / "a.mp4", "--plot", tmp_path / "no" / "a.png", "--json")) == "PlotNotWritten"


def test_a_timeline_is_a_picture_also_of_a_clip_without_a_face() -> None:
    assert draw_timeline("a.mp4", diary(), (mark("talks", 1, 2), mark("blink", 3, 3.2))).startswith(PNG)
