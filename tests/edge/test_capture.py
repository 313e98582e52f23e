"""A reference is kept only of a living person, of one face, and only good pictures of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.capture import Capture, capture
from edge.commands.reference import group
from edge.engine import Engine
from edge.errors import EmbeddingInvalidError
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.reference import embed_only_face
from edge.stages.match import compare
from edge.stages.portrait_keeper import PortraitKeeper
from edge.stages.quality import QualityProbe
from firmware.errors import CameraStalledError
from firmware.picture import read_picture
from tests.fakes.networks import Answering
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import Scene, Stage, embedder_of, embedding_of
from wire.reasons import Reason

LIVE, REPLAY = "pad/clips/wolf_live_blinks.mp4", "pad/clips/wolf_replay_moire.mp4"
QUALITIES = (0.50, 0.61, 0.55, 0.40, 0.58, 0.62, 0.30, 0.52)


def judging(qualities: tuple[float, ...] = QUALITIES) -> QualityProbe:
    """A probe that says these qualities one after the other."""
    answers = cycle(qualities)
    return QualityProbe(Answering(lambda _: (np.full((1, 1), next(answers), dtype=np.float32),)))


def captured(stage: Stage, count: int = 1, engine: Engine | None = None, camera: ScriptedCamera | None = None) -> Capture:
    board = twin_board(camera or ScriptedCamera(stage.frames))
    performer = Performer(board, load_catalogue("en"))
    return capture(engine or stage.engine(), judging(), board.camera, performer, count, lambda: 0)


def test_the_best_picture_is_kept() -> None:
    found = captured(Stage(lambda _: Scene()))

    assert found.reasons == ()
    assert [round(quality, 2) for quality in found.qualities] == [0.62]
    (picture,) = found.pictures
    assert (picture.ndim, picture.dtype) == (3, np.uint8)


def test_several_pictures_are_the_best_of_their_part_of_the_time() -> None:
    found = captured(Stage(lambda _: Scene()), count=4)

    assert [round(quality, 2) for quality in found.qualities] == [0.61, 0.55, 0.62, 0.52]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (lambda _: Scene(real=0.3), Reason.SPOOF_SUSPECTED),
        (lambda _: Scene(faces=()), Reason.NO_FACE),
        (lambda _: Scene(level=5), Reason.TOO_DARK),
    ],
    ids=["spoof", "nobody", "dark"],
)
def test_without_a_living_face_nothing_is_kept(script: Callable[[float], Scene], reason: Reason) -> None:
    found = captured(Stage(script))

    assert found.pictures == ()
    assert found.reasons[0] is reason


def test_a_changed_face_is_kept_of_nobody() -> None:
    persons = cycle((1, 1, 2, 2))  # a still is seen both ways, so each picture asks twice
    stage = Stage(lambda _: Scene())
    turning = replace(stage.engine(), embedder=embedder_of(Answering(lambda _: (embedding_of(next(persons))[None],))))

    assert captured(stage, engine=turning).reasons == (Reason.FACE_CHANGED,)


def test_a_camera_that_fails_leaves_no_picture() -> None:
    stage = Stage(lambda _: Scene(), lasts_ms=800)
    camera = ScriptedCamera(stage.frames, CameraStalledError("usb:0", "no picture"))

    found = captured(stage, camera=camera)

    assert (found.pictures, found.reasons) == ((), (Reason.CAMERA_LOST,))


def test_the_keeper_keeps_the_frame_itself_and_embeds_nothing() -> None:
    frame = np.random.default_rng(4).integers(0, 255, (240, 320, 3)).astype(np.uint8)
    points = np.array([[140, 100], [180, 100], [160, 120], [145, 140], [175, 140]], dtype=np.float32)

    (kept,) = PortraitKeeper().crops(frame, points)

    assert np.array_equal(kept, frame[12:220, 80:240])
    assert not kept.flags.writeable
    with pytest.raises(EmbeddingInvalidError):
        PortraitKeeper().embed_still((kept,))
    with pytest.raises(EmbeddingInvalidError):
        PortraitKeeper().embed_shots([(kept,)])


def run(*words: object) -> Result:
    return CliRunner().invoke(group, ["capture", *map(str, words)])


def files(folder: Path) -> Iterator[str]:
    return (path.name for path in sorted(folder.iterdir()))


@pytest.mark.weights
@pytest.mark.footage
def test_a_captured_reference_serves_a_visit_of_another_time(tmp_path: Path, footage_dir: Path, engine: Engine) -> None:
    result = run("--camera", f"clip:{footage_dir / LIVE}", "--out", tmp_path / "reference.png", "--count", 2, "--json")

    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["reference_class"] == "supervised"
    assert list(files(tmp_path)) == ["reference-2.png", "reference.png"]
    for kept in document["pictures"]:
        content = Path(kept["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == kept["sha256"]
        assert Path(kept["file"]).stat().st_mode & 0o777 == 0o600
    one, other = (embed_only_face(read_picture(tmp_path / name), engine.eyes) for name in ("reference.png", "reference-2.png"))
    assert compare(one, other) > 0.8


@pytest.mark.weights
@pytest.mark.footage
def test_a_screen_becomes_no_reference(tmp_path: Path, footage_dir: Path) -> None:
    result = run("--camera", f"clip:{footage_dir / REPLAY}", "--out", tmp_path / "reference.png", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["reasons"] == ["SPOOF_SUSPECTED"]
    assert list(files(tmp_path)) == []


def test_a_folder_that_is_not_there_is_named_before_anybody_is_captured(tmp_path: Path) -> None:
    result = run("--camera", "usb:0", "--out", tmp_path / "nowhere" / "reference.png")

    assert result.exit_code == 2
    assert "nowhere" in result.output
