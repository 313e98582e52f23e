"""What docs/cameras.md shows works as it stands there."""

import re
from itertools import islice
from pathlib import Path

from firmware.board import BoardKind, open_board, open_camera
from firmware.errors import CameraSpecError
from firmware.frame import Emitter
from firmware.ports import View
from firmware.twin.footage import read_footage
from firmware.twin.parts import Recorder
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import Species
from firmware.twin.scene import LampFaults
from firmware.twin.scene_file import read_scene
from tests.firmware.builders import SteppingClock, levels, plain, write_grey_clip, write_picture

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cameras.md").read_text(encoding="utf-8")


def _example(language: str, holding: str = "") -> str:
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if holding in text]
    assert len(found) == 1
    return str(found[0])


def test_the_table_of_frames_on_the_page_can_be_replayed(tmp_path: Path) -> None:
    (tmp_path / "frames.csv").write_text(_example("csv"), encoding="utf-8")
    for number in range(1, 6):
        write_picture(tmp_path / f"000{number}.png", plain(20 * number))

    frames = list(open_camera(f"folder:{tmp_path}").frames())

    assert levels(frames) == [20, 40, 60, 80, 100]
    assert [frame.light.word for frame in frames] == ["0", "L", "R", "LR", "?"]


def test_the_person_on_the_page_answers_the_screen(tmp_path: Path) -> None:
    (tmp_path / "person.toml").write_text(_example("toml", "[neutral]"), encoding="utf-8")
    write_grey_clip(tmp_path / "person.mp4", [50] * 25 + [100] * 10, "mp4v")
    write_grey_clip(tmp_path / "mouth.mp4", [150] * 20, "mp4v")
    recorder = Recorder(SteppingClock())

    with open_board(BoardKind.TWIN, f"actor:{tmp_path / 'person.toml'}", recorder) as board:
        frames = board.camera.frames()
        neutral = levels(list(islice(frames, 30)))
        board.screen.show(View("ASK_BLINK", "Please blink", "", "en"))
        blink = levels(list(islice(frames, 40)))
        board.screen.show(View("ASK_OPEN_MOUTH", "Please open your mouth", "", "en"))
        mouth = levels(list(islice(frames, 21)))

    assert set(neutral) == {50}
    assert blink.count(100) == 10
    assert mouth.count(150) == 20
    assert read_footage(tmp_path / "person.toml").ends_after_ns == 20_000_000_000


def test_the_scene_on_the_page_is_one(tmp_path: Path) -> None:
    (tmp_path / "scene.toml").write_text(_example("toml", "species"), encoding="utf-8")
    write_picture(tmp_path / "face.jpg", plain(120, 240, 240))

    scene = read_scene(tmp_path / "scene.toml")

    assert (scene.casting.species, scene.casting.variant, scene.casting.place) == (Species.LIVE, 3, Place.OFFICE)
    assert scene.faults == LampFaults(0.0, frozenset({Emitter.LEFT}), frozenset({Emitter.RIGHT}), frozenset({Emitter.VISIBLE}))


def test_the_page_names_every_word_that_opens_a_camera() -> None:
    words = str(CameraSpecError("")).partition("one of ")[2].split(", ")

    assert len(words) == 11
    assert all(f"`{word}`" in PAGE for word in words)
