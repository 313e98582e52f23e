"""`lifecert bench` as a whole, on little footage: its document, its files, its exit codes."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.commands.bench import bench, ending
from edge.evaluate.cost import checking
from edge.evaluate.cost.regression import Regression
from tests.conftest import mirror_folder

CLIPS = ("clips/grid_lwbsza.mpg", "clips/grid_swiz3n.mpg", "pad/clips/wolf_replay_moire.mp4", "clips/intel_no_face.mp4")
UNREACHABLE = {"low": 900.0, "median": 1000.0, "high": 1100.0}


def run(*words: object) -> Result:
    return CliRunner().invoke(bench, [str(word) for word in words], env={"LIFECERT_MIRROR": str(mirror_folder())})


@dataclass(frozen=True)
class Short:
    """A short run, and what it left behind."""

    result: Result
    saved: Path
    plot: Path

    @property
    def document(self) -> dict[str, object]:
        found = json.loads(self.result.stdout)
        assert isinstance(found, dict)
        return found


@pytest.fixture(scope="module")
def short(footage_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Short:
    """Two blocks on four clips, against a run that was impossibly fast."""
    folder = tmp_path_factory.mktemp("bench")
    for clip in CLIPS:
        (folder / clip).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(footage_dir / clip, folder / clip)
    (folder / "pad" / "labels.csv").write_text("file,label\nclips/wolf_replay_moire.mp4,attack\n", encoding="utf-8")
    last = folder / "last.json"
    last.write_text(json.dumps({"ratio": {"opencv": UNREACHABLE, "onnxruntime": UNREACHABLE}, "opencv_version": "0"}), "utf-8")
    words = ("--clips", folder / CLIPS[0], "--footage", folder, "--blocks", 2, "--frames", 50, "--starts", 1, "--no-active")
    kept = ("--save", folder / "now.json", "--plot", folder / "now.png", "--against", last)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "EVERY", 12)  # the usual loop takes most of the time, and decides the same on fewer frames
        return Short(run(*words, *kept, "--json"), folder / "now.json", folder / "now.png")


@pytest.mark.weights
@pytest.mark.footage
def test_the_document_holds_every_figure(short: Short) -> None:
    found = short.document

    assert found["ratio"].keys() == {"opencv", "onnxruntime"}  # type: ignore[attr-defined]
    for spread in found["ratio"].values():  # type: ignore[attr-defined]
        assert spread.keys() == {"median", "low", "high"}
        assert 0 < spread["low"] <= spread["median"] <= spread["high"]
    assert found["cpu_ms"].keys() == {"ours", "opencv", "onnxruntime"}  # type: ignore[attr-defined]
    assert {"idle_ratio", "worst_ratio", "opencv_version", "guard_ok", "copied_bytes", "work", "frame_age"} <= found.keys()
    assert found["active"] is None
    assert found["start"]["ready_ms"] > 0  # type: ignore[index]
    assert found["memory"]["frames"] > 0  # type: ignore[index]
    assert found["reaction"]["seen_after"] <= 15  # type: ignore[index]
    assert found["others"].keys() == {"face_recognition", "deepface", "insightface"}  # type: ignore[attr-defined]


@pytest.mark.weights
@pytest.mark.footage
def test_the_guard_sees_the_attack_the_people_and_the_strangers(short: Short) -> None:
    guard = short.document["guard"]

    assert short.document["guard_ok"] is True
    assert guard["undecided"] == []  # type: ignore[index]
    assert [guard[kind]["ours"]["of"] for kind in ("liveness", "non_matches", "matches")] == [3, 2, 2]  # type: ignore[index]
    assert guard["missed_faces"]["ours"]["of"] > 100  # type: ignore[index]


@pytest.mark.weights
@pytest.mark.footage
def test_networks_and_bytes_are_counted_for_a_whole_visit(short: Short) -> None:
    work, copied = short.document["work"], short.document["copied_bytes"]

    assert 0 < work["mean_mmac"] < work["max_mmac"]  # type: ignore[index]
    first, second = (work["runs"][name] for name in ("minifasnet_v2", "minifasnet_v1se"))  # type: ignore[index]
    assert second >= 3
    assert first - second in (0, 1)  # A probe may be under way when the visit ends.
    assert work["runs"]["embedder"] >= 2  # type: ignore[index]
    assert copied["per_frame"] >= copied["whole_per_frame"] > 0  # type: ignore[index]


@pytest.mark.weights
@pytest.mark.footage
def test_a_frame_takes_no_more_work_than_a_small_board_has_time_for(short: Short) -> None:
    """A Raspberry Pi 4 reckons some 10 GMAC a second: 5 ms of the 33 of a frame on average, and 22 at most.

    These visits have a clip of 50 frames that jumps back; one without jumps takes less (docs/performance.md).
    """
    work, copied = short.document["work"], short.document["copied_bytes"]

    assert work["mean_mmac"] <= 55  # type: ignore[index]
    assert work["max_mmac"] <= 220  # type: ignore[index]
    assert work["moved_mb"] <= 30  # type: ignore[index]
    assert copied["whole_per_frame"] <= 34_000  # type: ignore[index]
    # A visit looks at the lens half a dozen times, most of them within its first seconds, which is all that these visits have.
    assert copied["untouched_share"] >= 0.65  # type: ignore[index]


@pytest.mark.weights
@pytest.mark.footage
def test_a_ratio_far_below_the_saved_one_is_refused_and_both_files_are_written(short: Short) -> None:
    figures = {key: value for key, value in short.document.items() if key != "regressions"}

    assert short.result.exit_code == 1
    assert [sentence.partition(" became")[0] for sentence in short.document["regressions"]] == ["ratio onnxruntime"]  # type: ignore[attr-defined]
    assert json.loads(short.saved.read_text(encoding="utf-8")) == figures
    assert short.plot.read_bytes().startswith(b"\x89PNG")
    assert "1 of 1" in short.result.stderr


def test_only_a_guard_that_breaks_and_a_worse_figure_refuse() -> None:
    assert ending({"guard_ok": True}, ()) == 0
    assert ending({"guard_ok": None}, ()) == 0
    assert ending({"guard_ok": False}, ()) == 1
    assert ending({"guard_ok": True}, (Regression("ratio", "2", "1"),)) == 1


def test_a_saved_run_that_is_none_ends_with_2_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "last.json").write_text("{}", encoding="utf-8")

    result = run("--against", tmp_path / "last.json", "--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "SavedRunInvalid"


def test_figures_that_could_not_be_kept_end_with_2_before_anything_is_measured(tmp_path: Path) -> None:
    result = run("--save", tmp_path / "nowhere" / "now.json", "--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "FiguresNotKept"
    assert run("--save", tmp_path).exit_code == 2


def test_a_plot_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    assert run("--plot", tmp_path / "nowhere" / "plot.png").exit_code == 2


def test_without_footage_it_says_how_to_name_some() -> None:
    result = CliRunner().invoke(bench, ["--json"], env={"LIFECERT_MIRROR": ""})

    assert result.exit_code == 2
    assert "--footage" in json.loads(result.stdout)["error"]["message"]


def test_help_names_examples_and_a_wrong_number_is_a_usage_error() -> None:
    told = run("--help")

    assert told.exit_code == 0
    assert "Examples:" in told.stdout
    assert run("--blocks", 1).exit_code == 2
