"""References become a sealed cohort: only the centre reads it, unusable photos are named, and nothing half-done stays."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.cohort import CohortNotWrittenError, Member, Purpose, make_cohort
from edge.commands.cohort import group
from edge.reference import Eyes, embed_only_face
from firmware.picture import read_picture
from models.matcher import DEFAULT_MATCHER
from tests.edge.footage import portraits
from tests.fakes.stage import MATCHER, Scene, Stage
from wire.cohort import open_cohort
from wire.errors import CohortForeignError, CohortRowInvalidError, StatementInvalidError
from wire.reference import ReferenceClass
from wire.sealing import OpeningKey, new_opening_key, sealing_key_pem

PURPOSE = Purpose("city pensions", ReferenceClass.DOCUMENT, 1_800_000_000)


@pytest.fixture
def key() -> OpeningKey:
    return new_opening_key()


@pytest.fixture
def eyes() -> Eyes:
    return Stage(lambda _: Scene()).engine().eyes


def photo(folder: Path, name: str) -> Path:
    """A picture in which the stage sees a face."""
    path = folder / name
    noise = np.random.default_rng(5).integers(90, 160, (240, 320, 3)).astype(np.uint8)
    assert cv2.imwrite(str(path), noise)
    return path


def member(path: Path, person: str = "p-1", age: int | None = 71) -> Member:
    return Member(path, person, age, "female", "north")


def make(members: list[Member], eyes: Eyes, key: OpeningKey, target: Path) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    make_cohort(members, eyes, PURPOSE, key.public_key(), target, lambda done, of: told.append((done, of)))
    return told


def test_the_centre_reads_what_was_sealed(tmp_path: Path, eyes: Eyes, key: OpeningKey) -> None:
    members = [member(photo(tmp_path, f"{number}.png"), f"p-{number}", 60 + number) for number in range(3)]

    told = make(members, eyes, key, tmp_path / "cohort.lcc")

    with (tmp_path / "cohort.lcc").open("rb") as stream:
        head, rows = open_cohort(stream, key)
        kept = list(rows)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert (head.programme, head.matcher, head.model_digest) == ("city pensions", MATCHER.name, MATCHER.model_digest)
    assert (head.runtime, head.dimension, head.reference_class) == (MATCHER.runtime, 256, ReferenceClass.DOCUMENT)
    assert [(row.person, row.age, row.sex, row.group) for row in kept] == [
        (f"p-{n}", 60 + n, "female", "north") for n in range(3)
    ]
    expected = embed_only_face(read_picture(tmp_path / "0.png"), eyes)
    assert np.frombuffer(kept[0].embedding, "<f2") == pytest.approx(expected, abs=1e-3)


def test_nobody_else_reads_it(tmp_path: Path, eyes: Eyes, key: OpeningKey) -> None:
    make([member(photo(tmp_path, "a.png"), person="a-very-plain-pseudonym")], eyes, key, tmp_path / "cohort.lcc")

    content = (tmp_path / "cohort.lcc").read_bytes()
    assert b"a-very-plain-pseudonym" not in content
    with (tmp_path / "cohort.lcc").open("rb") as stream, pytest.raises(CohortForeignError):
        open_cohort(stream, new_opening_key())
    assert (tmp_path / "cohort.lcc").stat().st_mode & 0o777 == 0o600


def test_photos_that_no_visit_could_use_are_left_out_and_named(tmp_path: Path, eyes: Eyes, key: OpeningKey) -> None:
    (tmp_path / "no.png").write_bytes(b"no picture")
    members = [member(tmp_path / "no.png", "p-2"), member(photo(tmp_path, "a.png"))]

    made = make_cohort(members, eyes, PURPOSE, key.public_key(), tmp_path / "cohort.lcc", lambda *_: None)

    assert (made.rows, made.persons) == (1, 1)
    assert [each.photo.name for each in made.left_out] == ["no.png"]


def test_without_any_usable_photo_nothing_is_written(tmp_path: Path, eyes: Eyes, key: OpeningKey) -> None:
    (tmp_path / "no.png").write_bytes(b"no picture")

    make([member(tmp_path / "no.png")], eyes, key, tmp_path / "cohort.lcc")

    assert [path.name for path in tmp_path.iterdir()] == ["no.png"]


def test_a_row_that_cannot_be_leaves_nothing_half_done(tmp_path: Path, eyes: Eyes, key: OpeningKey) -> None:
    members = [member(photo(tmp_path, "a.png")), member(tmp_path / "a.png", person="x" * 65)]

    with pytest.raises(CohortRowInvalidError):
        make(members, eyes, key, tmp_path / "cohort.lcc")

    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, eyes: Eyes, key: OpeningKey) -> None:
    with pytest.raises(CohortNotWrittenError, match=r"nowhere/cohort\.lcc"):
        make([member(photo(tmp_path, "a.png"))], eyes, key, tmp_path / "nowhere" / "cohort.lcc")


@pytest.mark.parametrize("target", [Path(), Path("/"), Path("..")])
def test_a_folder_in_place_of_a_file_is_named_before_any_work(target: Path, eyes: Eyes, key: OpeningKey) -> None:
    with pytest.raises(CohortNotWrittenError, match="this is a folder"):
        make([member(Path("nothing.png"))], eyes, key, target)


@pytest.mark.parametrize("programme", ["", "p" * 65, "a\x1b[31m", "a\nb"])
def test_a_programme_that_the_centre_would_refuse_is_refused_before_any_work(programme: str) -> None:
    with pytest.raises(StatementInvalidError, match="programme: not 1 to 64 printable"):
        Purpose(programme, ReferenceClass.DOCUMENT, 0)


def run(*words: object) -> Result:
    return CliRunner().invoke(group, ["make", *map(str, words)])


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("a.png,,70", "column person"),
        ("a.png,p,seventy", "column age"),
        ("b.png,p,70", "column file"),
        ("a.png,p,131", "column age"),
        pytest.param("a.png,p," + "9" * 5000, "column age", id="an endless age"),
        ("a.png,p\x1b[31m,70", "column person"),
        pytest.param(f"a.png,{'p' * 65},70", "column person", id="a long name"),
        pytest.param(f"a.png,p,70,{'x' * 17}", "column sex", id="a long sex"),
        pytest.param(f"a.png,p,70,f,{'g' * 65}", "column group", id="a long group"),
    ],
)
def test_a_bad_line_is_named_before_any_work(tmp_path: Path, line: str, named: str, key: OpeningKey) -> None:
    photo(tmp_path, "a.png")
    header = ",".join(("file", "person", "age", "sex", "group")[: line.count(",") + 1])
    (tmp_path / "list.csv").write_text(f"{header}\n{line}\n")
    (tmp_path / "key.pem").write_bytes(sealing_key_pem(key.public_key()))

    result = run(
        tmp_path / "list.csv", "--images", tmp_path, "--to", tmp_path / "key.pem", "--out", tmp_path / "o.lcc", "--programme", "p"
    )

    assert result.exit_code == 2
    assert "line 2" in result.output
    assert named in result.output


@pytest.mark.weights
@pytest.mark.footage
def test_the_command_seals_real_references(tmp_path: Path, footage_dir: Path, key: OpeningKey) -> None:
    files = [path for _, path in zip(range(4), portraits(footage_dir, 45), strict=False)]
    (tmp_path / "list.csv").write_text("file,person\n" + "".join(f"{path.name},p-{n}\n" for n, path in enumerate(files)))
    (tmp_path / "key.pem").write_bytes(sealing_key_pem(key.public_key()))

    words = ("--to", tmp_path / "key.pem", "--out", tmp_path / "o.lcc", "--programme", "p", "--json")
    result = run(tmp_path / "list.csv", "--images", files[0].parent, *words)

    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert (document["references"], document["persons"], document["matcher"]) == (4, 4, DEFAULT_MATCHER)
    with (tmp_path / "o.lcc").open("rb") as stream:
        head, rows = open_cohort(stream, key)
        vectors = [np.frombuffer(row.embedding, "<f2").astype(np.float32) for row in rows]
    assert head.model_digest.hex() == document["model_digest"]
    assert np.linalg.norm(np.stack(vectors), axis=1) == pytest.approx(np.ones(4), abs=2e-3)
