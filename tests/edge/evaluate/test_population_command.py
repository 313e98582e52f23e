"""`lifecert evaluate population` on real pictures: its document, its page, and what it says of bad input."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.commands.evaluate import group
from edge.evaluate.people import PersonId
from edge.evaluate.population_list import Picture
from edge.evaluate.population_pictures import see_all
from edge.evaluate.portrait import Loss
from edge.reference import Eyes
from edge.stages.align import Aligner
from edge.stages.match import NetworkEmbedder, NetworkPart
from models.card import Colour, FaceInput
from tests.edge.evaluate.embedders import IDENTITY
from tests.edge.evaluate.populations import ELDER
from tests.edge.evaluate.sets import write_files, write_list
from tests.edge.evaluate.test_commands import RATE, document, run
from tests.edge.evaluate.test_portrait import StagedDetector, face
from tests.fakes.networks import Answering

KEYS = [
    *("threshold", "bands", "matcher", "pictures", "persons", "persons_known_from", "fnmr", "draws", "left_out"),
    *("same_pictures", "most_alike", "most_false_matches", "lost_pictures", "warnings", "page"),
]
BAND_KEYS = [
    *("name", "people", "comparisons", "fmr", "fmr_by_person", "threshold_at", "threshold_at_supported", "fnmr_at"),
]


@pytest.fixture
def little_set(tmp_path: Path, footage_dir: Path) -> Path:
    """Ten portraits of five persons, one of them again under a sixth name, a grey one and one that is no picture."""
    portraits = footage_dir / "verification" / "crossage_portraits"
    with (portraits / "pairs.csv").open(encoding="utf-8") as lines:
        pairs = sorted((row["a"], row["b"]) for row in csv.DictReader(lines) if row["same"] == "1" and "_p2015" in row["a"])
    people = sorted({a[:7]: (a, b) for a, b in reversed(pairs)}.values())[:5]
    images = tmp_path / "images"
    images.mkdir()
    for file in {file for pair in people for file in pair}:
        shutil.copy(portraits / "images" / file, images)
    copied = cv2.resize(cv2.imread(str(images / people[0][0]))[:, ::-1], None, fx=0.8, fy=0.8)
    cv2.imwrite(str(images / "Z000001_copy.jpg"), copied, [cv2.IMWRITE_JPEG_QUALITY, 60])
    (images / "Z000002_grey.png").write_bytes(cv2.imencode(".png", np.full((200, 200, 3), 128, np.uint8))[1].tobytes())
    (images / "Z000003_text.jpg").write_text("no picture", encoding="utf-8")
    files = sorted(path.name for path in images.iterdir())
    write_list(tmp_path / "images.csv", "file,person,age,sex", *(f"{f},{f[:7]},{60 + n},m" for n, f in enumerate(files)))
    write_list(tmp_path / "one.csv", "a,b", f"{people[1][0]},{people[2][0]}")
    return tmp_path


@pytest.mark.weights
@pytest.mark.footage
def test_population_prints_exactly_one_document_and_writes_a_page(little_set: Path) -> None:
    words = ("population", little_set / "images.csv", "--images", little_set / "images", "--page", little_set / "page.html")

    result = run(group, *words, "--one-person", little_set / "one.csv", "--json")

    found = document(result)
    assert result.exit_code == 0
    assert list(found) == KEYS
    assert (found["pictures"], found["persons"]) == ({"listed": 13, "compared": 11}, 6)
    assert found["persons_known_from"] == "column"
    bands = found["bands"]
    assert isinstance(bands, list)
    assert [band["name"] for band in bands] == ["all", "60-69", "70-79", "across age bands", "m"]
    assert all(list(band) == BAND_KEYS for band in bands)
    # 45 + 10 of eleven pictures are of two persons; one of the copy's is of the same, four of the declared ones are left out.
    assert (bands[0]["fmr"].keys(), bands[0]["comparisons"], bands[0]["people"]) == (RATE, 44, 4)
    assert bands[0]["threshold_at"] == bands[0]["threshold_at_supported"] == {"1e-2": None, "1e-3": None, "1e-4": None}
    assert found["left_out"] == {"comparisons": 6, "one_person_pairs": 1}
    (same,) = found["same_pictures"] if isinstance(found["same_pictures"], list) else ()
    assert (same["b"], same["mirrored"], same["two_persons"]) == ("Z000001_copy.jpg", True, True)
    assert [each["reason"] for each in found["lost_pictures"]] == ["no_face", "unreadable"]  # type: ignore[index,union-attr]
    assert (little_set / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "13 of 13 files" in result.stderr
    assert "comparisons: 100 %" in result.stderr


@pytest.mark.weights
@pytest.mark.footage
def test_people_read_a_table_and_what_to_look_at(little_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(little_set)
    write_list(little_set / "bare.csv", "file", *(path.name for path in sorted((little_set / "images").iterdir())[:6]))

    result = run(group, "population", "bare.csv", "--images", "images")

    assert result.exit_code == 0
    assert "6 of 6 pictures compared, 3 persons, known from" not in result.stdout
    assert "6 of 6 pictures compared, 6 persons, known from nowhere: each file counts as another person" in result.stdout
    assert "all" in result.stdout
    assert result.stdout.count("look at: ") == 15
    assert "warning: nobody in the list is known to be 60 or older" in result.stderr
    assert "page: population-bare.html" in result.stderr
    assert (little_set / "population-bare.html").is_file()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere.csv", "--images", "images"), "there is no such file"),
        (("set.csv", "--images", "nowhere"), "there is no such folder"),
        (("missing.csv", "--images", "images"), "missing.csv, line 3, column file: there is no file 'c.jpg'"),
        (("age.csv", "--images", "images"), "age.csv, line 2, column age: 'old' is no age"),
        (("set.csv", "--images", "images", "--one-person", "missing.csv"), "the column 'a' is missing"),
        (("set.csv", "--images", "images", "--one-person", "pairs.csv"), "'c.jpg' is not in the list of pictures"),
        (("set.csv", "--images", "images", "--page", "nowhere/page.html"), "there is no such folder"),
    ],
)
def test_a_bad_list_is_told_in_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "images", ["a.jpg", "b.jpg"])
    write_list(tmp_path / "set.csv", "file", "a.jpg", "b.jpg")
    write_list(tmp_path / "missing.csv", "file", "a.jpg", "c.jpg")
    write_list(tmp_path / "age.csv", "file,age", "a.jpg,old")
    write_list(tmp_path / "pairs.csv", "a,b", "a.jpg,c.jpg")

    result = run(group, "population", *words, "--json")

    error = document(result)["error"]
    assert result.exit_code == 2
    assert isinstance(error, dict)
    assert says in error["message"]
    assert list(tmp_path.glob("*.html")) == []


@pytest.mark.parametrize("number", [np.nan, np.inf, 0.0])
def test_a_picture_whose_embedding_is_no_direction_is_lost_and_the_others_are_seen(tmp_path: Path, number: float) -> None:
    for name in ("a.png", "b.png"):
        bgr = np.random.default_rng(1).integers(0, 256, (250, 250, 3)).astype(np.uint8)
        bgr[0, 0] = 255
        (tmp_path / name).write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
    answers = iter([number, 1.0, 1.0])
    points = Answering(lambda tensor: (np.linspace(0.2, 0.8, 10, dtype=np.float32),))
    broken = Answering(lambda tensor: (np.full((1, 4), next(answers), dtype=np.float32),))
    place = FaceInput(8, ((2, 2), (6, 2), (4, 4), (2, 6), (6, 6)), (0, 0, 0), (1, 1, 1))
    embedder = NetworkEmbedder(IDENTITY, (NetworkPart(broken, place, Colour.BGR, 4, 1.0),))
    eyes = Eyes(StagedDetector((face(125, 125, 100),), ()), Aligner(points), embedder)
    pictures = [Picture(name, tmp_path / name, PersonId(name), ELDER) for name in ("a.png", "b.png")]

    found = see_all(pictures, eyes, lambda done, of: None)

    assert [(each.file, each.lost.loss) for each in found.lost] == [("a.png", Loss.NO_EMBEDDING)]
    assert [each.picture.file for each in found.seen] == ["b.png"]
