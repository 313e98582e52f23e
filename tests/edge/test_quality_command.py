"""`lifecert quality`: a good photo, poor ones and none, each with the one instruction that helps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.engine import Engine
from edge.flow import ADVICE
from edge.imaging import png_bytes
from tests.conftest import mirror_folder
from tests.edge.footage import Pixels, Set, lit, portraits, read, staged


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["quality", *(str(word) for word in words)], env={"LIFECERT_MIRROR": str(mirror_folder())})


def judged(photo: Path, *words: object) -> tuple[int, dict[str, object]]:
    result = run(photo, "--json", *words)
    assert result.exit_code in (0, 1), result.output
    document = json.loads(result.stdout)
    assert isinstance(document, dict)
    return result.exit_code, document


def kept(folder: Path, picture: Pixels) -> Path:
    path = folder / "frame.png"
    path.write_bytes(png_bytes(picture))
    return path


@pytest.fixture
def frame(footage_dir: Path, engine: Engine) -> Pixels:
    """A person who sits well before the camera."""
    return staged(read(next(portraits(footage_dir, 60))), engine.detector)


@pytest.mark.weights
@pytest.mark.footage
def test_a_good_frame_needs_no_instruction(tmp_path: Path, frame: Pixels) -> None:
    code, found = judged(kept(tmp_path, frame))

    assert (code, found["face"], found["usable"], found["flaws"], found["instruction"]) == (0, True, True, [], None)
    assert isinstance(found["components"], dict)
    assert min(score for name, score in found["components"].items() if name not in ADVICE) == found["quality"]
    assert found["distance_cm"] is None
    assert run(tmp_path / "frame.png").stdout.splitlines()[-1] == "nothing is in the way"


@pytest.mark.weights
@pytest.mark.footage
@pytest.mark.parametrize(
    ("poorer", "reason", "chinese"), [(lit(0.15), "TOO_DARK", "光线太暗了"), (lit(2.4), "TOO_BRIGHT", "光线太亮了")]
)
def test_what_is_wrong_is_said_in_both_languages(
    tmp_path: Path, frame: Pixels, poorer: Callable[[Pixels], Pixels], reason: str, chinese: str
) -> None:
    code, found = judged(kept(tmp_path, poorer(frame)))

    said = found["instruction"]
    assert isinstance(said, dict)
    assert (code, found["usable"], said["reason"], said["zh-CN"]["title"]) == (1, False, reason, chinese)
    assert said["en"]["remedy"]


@pytest.mark.weights
@pytest.mark.footage
def test_where_the_lens_is_known_the_distance_is_told(tmp_path: Path, footage_dir: Path, engine: Engine) -> None:
    settings = tmp_path / "unit.toml"
    settings.write_text("[grade]\nfocal_widths = 0.77\n", encoding="utf-8")
    far = staged(read(next(portraits(footage_dir, 60))), engine.detector, Set(eye_distance_px=45))

    code, found = judged(kept(tmp_path, far), "--config", settings)

    expected_cm = 0.77 * far.shape[1] * 6.3 / 45
    assert found["distance_cm"] == pytest.approx(expected_cm, rel=0.12)
    assert (code, found["flaws"][0]["reason"]) == (1, "TOO_FAR")  # type: ignore[index]  # a list of flaws


@pytest.mark.weights
def test_a_picture_without_a_face_says_so(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)

    code, found = judged(kept(tmp_path, noise))

    said = found["instruction"]
    assert isinstance(said, dict)
    assert (code, found["face"], found["components"], said["reason"]) == (1, False, {}, "NO_FACE")
    assert any(line.startswith("en     ") for line in run(tmp_path / "frame.png").stdout.splitlines())


@pytest.mark.parametrize(
    ("content", "error"), [(None, "PictureNotFound"), (b"", "PictureUnreadable"), (b"text", "PictureUnreadable")]
)
def test_what_is_no_picture_is_a_fault(tmp_path: Path, content: bytes | None, error: str) -> None:
    photo = tmp_path / "photo.jpg"
    if content is not None:
        photo.write_bytes(content)

    result = run(photo, "--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == error
