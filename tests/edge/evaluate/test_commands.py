"""The commands on real pictures and clips: their exact documents, their exit codes, and what they say of bad input."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import click
import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.commands.compare import compare
from edge.commands.evaluate import group
from tests.conftest import mirror_folder
from tests.edge.evaluate.sets import write_files, write_list

RATE = {"value", "errors", "of", "low", "high"}


def run(command: click.Command, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], env={"LIFECERT_MIRROR": str(mirror_folder())})


def document(result: Result) -> dict[str, object]:
    """The one JSON document on stdout, in which there is no NaN."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    found = json.loads(result.stdout, parse_constant=refuse)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def portraits(footage_dir: Path) -> Path:
    return footage_dir / "verification" / "crossage_portraits"


@pytest.fixture
def little_set(tmp_path: Path, portraits: Path) -> Path:
    """Ten portraits of five persons, one file that is cut off and one picture without a face, in seven pairs."""
    with (portraits / "pairs.csv").open(encoding="utf-8") as lines:
        pairs = [(row["a"], row["b"]) for row in csv.DictReader(lines) if row["same"] == "1" and "_p2015" in row["a"]]
    first: dict[str, tuple[str, str]] = {pair[0][:7]: pair for pair in reversed(pairs)}
    people = sorted(first.values())[:5]
    images = tmp_path / "images"
    images.mkdir()
    for file in {file for pair in people for file in pair}:
        shutil.copy(portraits / "images" / file, images)
    broken = (images / people[0][0]).read_bytes()
    (images / "X000001_cut.jpg").write_bytes(broken[: len(broken) // 2])
    (images / "X000002_grey.png").write_bytes(cv2.imencode(".png", np.full((200, 200, 3), 128, np.uint8))[1].tobytes())
    lines_of_pairs = [
        *(f"{a},{b},1" for a, b in people),
        f"{people[0][0]},X000001_cut.jpg,1",
        f"{people[1][0]},X000002_grey.png,0",
        f"{people[0][0]},{people[1][1]},0",
    ]
    write_list(tmp_path / "pairs.csv", "a,b,same", *lines_of_pairs)
    write_list(tmp_path / "images.csv", "file,person", *(f"{path.name},{path.name[:7]}" for path in images.iterdir()))
    return tmp_path


@pytest.mark.weights
@pytest.mark.footage
def test_verification_prints_exactly_one_document_and_draws_a_plot(little_set: Path) -> None:
    plot = little_set / "det.png"

    result = run(group, "verification", little_set / "pairs.csv", "--images", little_set / "images", "--plot", plot, "--json")

    found = document(result)
    assert result.exit_code == 0
    assert list(found)[:8] == [
        *("pairs", "failed_to_acquire", "threshold", "fmr", "fnmr", "eer", "best_accuracy", "fnmr_at_fmr"),
    ]
    assert found["pairs"] == {"same": 6, "different": 2}
    assert (found["failed_to_acquire"], found["threshold"]) == (2, 0.54)
    assert found["fmr"] == {"value": 0.0, "errors": 0, "of": 1, "low": 0.0, "high": 0.975}
    assert isinstance(found["fnmr"], dict)
    assert found["fnmr"].keys() == RATE
    assert (found["fnmr"]["errors"], found["fnmr"]["of"]) == (0, 5)
    assert found["fnmr_at_fmr"] == {"1e-2": None, "1e-3": None, "1e-4": None}
    assert (found["impostor_comparisons"], found["persons_known_from"]) == (40, "images.csv")
    assert found["plot"] == str(plot)
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.weights
@pytest.mark.footage
def test_what_was_lost_or_cannot_be_told_is_said_on_stderr(little_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(little_set)

    result = run(group, "verification", "pairs.csv", "--images", "images")

    assert result.exit_code == 0
    assert "failed to acquire   2 pairs (2 pictures), 6 compared" in result.stdout
    assert "X000001_cut.jpg: failed to acquire, unreadable" in result.stderr
    assert "X000002_grey.png: failed to acquire, no_face\n" in result.stderr
    assert "FMR 1e-3 cannot be resolved: there are only 40 impostor comparisons" in result.stderr
    assert f"plot: det-{little_set.name}.png" in result.stderr
    assert (little_set / f"det-{little_set.name}.png").is_file()


@pytest.mark.weights
@pytest.mark.footage
def test_pad_prints_exactly_one_document_about_pictures_and_clips(tmp_path: Path, footage_dir: Path) -> None:
    pad = footage_dir / "pad"
    files = [
        ("images/live_vietmoney_true_001.jpg", "live", ""),
        ("images/live_minivision_T1.jpg", "live", ""),
        ("images/print_minivision_F1.jpg", "attack", "print"),
        ("images/screen_vietmoney_fake_003.jpg", "attack", "screen"),
        ("clips/wolf_replay_moire.mp4", "attack", "screen"),
        ("clips/wolf_live_blinks.mp4", "live", ""),
    ]
    for file, _, _ in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(pad / file, tmp_path / file)
    write_files(tmp_path, ["broken.mp4"])
    lines = [",".join(each) for each in [*files, ("broken.mp4", "live", "")]]
    table = write_list(tmp_path / "labels.csv", "file,label,attack_kind", *lines)

    result = run(group, "pad", table, "--root", tmp_path, "--plot", tmp_path / "pad.png", "--json")

    found = document(result)
    assert result.exit_code == 0
    assert found["bpcer"] == {"value": 0.0, "errors": 0, "of": 3, "low": 0.0, "high": pytest.approx(0.7076, abs=1e-4)}
    assert isinstance(found["apcer"], dict)
    assert {kind: (rate["errors"], rate["of"]) for kind, rate in found["apcer"].items()} == {"print": (0, 1), "screen": (0, 2)}
    assert isinstance(found["files"], list)
    assert all(list(each) == ["file", "label", "verdict", "score"] for each in found["files"])
    assert [each["verdict"] for each in found["files"]] == ["live", "live", "attack", "attack", "attack", "live", "no_response"]
    assert [type(each["score"]) for each in found["files"]] == [int] * 6 + [type(None)]
    assert found["bpnrr"] == {"value": 0.25, "errors": 1, "of": 4} | {
        "low": pytest.approx(0.0063, abs=1e-4),
        "high": pytest.approx(0.8059, abs=1e-4),
    }
    assert "broken.mp4: no response, unreadable" in result.stderr
    assert (tmp_path / "pad.png").is_file()


@pytest.mark.weights
@pytest.mark.footage
def test_two_photos_of_one_person_are_the_same_years_apart(portraits: Path) -> None:
    photos = [portraits / "images" / f"A000055_{year}.jpg" for year in ("p2015", "p2024")]

    result = run(compare, *photos, "--json")

    found = document(result)
    assert result.exit_code == 0
    assert found.keys() == {"similarity", "threshold", "same", "faces"}
    assert (found["threshold"], found["same"], found["faces"]) == (5400, True, [1, 1])
    assert isinstance(found["similarity"], int)
    assert 5400 <= found["similarity"] <= 10_000


@pytest.mark.weights
@pytest.mark.footage
def test_two_persons_are_not_the_same(portraits: Path) -> None:
    result = run(compare, portraits / "images" / "A000055_p2015.jpg", portraits / "images" / "A000370_p2015.jpg")

    assert result.exit_code == 1
    assert result.stdout.startswith("not the same person: similarity ")


@pytest.mark.weights
@pytest.mark.footage
def test_a_photo_that_lies_on_its_side_is_turned(tmp_path: Path, portraits: Path) -> None:
    upright = portraits / "images" / "A000055_p2024.jpg"
    turned = tmp_path / "turned.png"
    cv2.imwrite(str(turned), np.rot90(cv2.imread(str(upright))))

    result = run(compare, upright, turned, "--json")

    assert result.exit_code == 0
    assert document(result)["same"] is True


@pytest.mark.weights
@pytest.mark.footage
def test_a_photo_without_a_face_cannot_be_compared(little_set: Path, portraits: Path) -> None:
    result = run(compare, portraits / "images" / "A000055_p2015.jpg", little_set / "images" / "X000002_grey.png", "--json")

    assert result.exit_code == 1
    assert document(result) == {"similarity": None, "threshold": 5400, "same": False, "faces": [1, 0]}
    assert "X000002_grey.png: there is no face" in result.stderr


@pytest.mark.weights
@pytest.mark.parametrize("photo", ["nowhere.jpg", "text.jpg", "empty.jpg", "."])
def test_a_file_that_is_no_photo_is_a_fault(tmp_path: Path, photo: str) -> None:
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    (tmp_path / "empty.jpg").write_bytes(b"")

    result = run(compare, tmp_path / photo, tmp_path / photo, "--json")

    assert result.exit_code == 2
    assert document(result).keys() == {"error"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("verification", "nowhere.csv", "--images", "images"), "there is no such file"),
        (("verification", "pairs.csv", "--images", "nowhere"), "there is no such folder"),
        (("verification", "labels.csv", "--images", "images"), "the column 'a' is missing"),
        (("verification", "pairs.csv", "--images", "images", "--plot", "nowhere/det.png"), "there is no such folder"),
        (("pad", "pairs.csv", "--root", "images"), "the column 'file' is missing"),
        (("pad", "labels.csv", "--root", "images"), "'alive' is neither live nor attack"),
    ],
)
def test_a_bad_list_is_told_in_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "images", ["a.jpg", "b.jpg"])
    write_list(tmp_path / "pairs.csv", "a,b,same", "a.jpg,b.jpg,1")
    write_list(tmp_path / "labels.csv", "file,label,attack_kind", "a.jpg,alive,")

    result = run(group, *words, "--json")

    error = document(result)["error"]
    assert result.exit_code == 2
    assert isinstance(error, dict)
    assert says in error["message"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "labels.csv", "pairs.csv"]


@pytest.mark.weights
@pytest.mark.footage
def test_misses_at_further_thresholds_are_told_and_another_matcher_may_be_measured(little_set: Path) -> None:
    plot = ("--plot", little_set / "det.png")

    result = run(group, "verification", little_set / "pairs.csv", "--images", little_set / "images", *plot, "--json",
                 "--at", 1, "--at", -1, "--matcher", "reid0095")  # fmt: skip

    found = document(result)
    assert isinstance(found["fnmr_at_threshold"], dict)
    assert {at: (rate["errors"], rate["of"]) for at, rate in found["fnmr_at_threshold"].items()} == {"1": (5, 5), "-1": (0, 5)}
    assert found["threshold"] != 0.54
