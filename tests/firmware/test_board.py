"""The assembler understands its words, and the self-test finds what is broken."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from firmware.board import STROBES, Board, BoardKind, has_imagined_visitor, open_board, open_camera, strobe_of
from firmware.errors import CameraNotFoundError, CameraSpecError, CameraStalledError, FirmwareError
from firmware.frame import DARK, Frame, Light
from firmware.ports import LedPattern, View
from firmware.selftest import try_parts
from firmware.strobe import NO_STROBE
from firmware.twin.actor import ActorCamera
from firmware.twin.camera import ClipCamera, FolderCamera
from firmware.twin.parts import Part, Recorder, RecordingIlluminator
from firmware.twin.scene import SceneCamera, SceneLamp
from tests.firmware.builders import SteppingClock, level_of, plain, write_grey_clip, write_picture
from tests.firmware.scenes import SCENE, write_scene

SCRIPT = """
[neutral]
clip = "a.avi"
start_s = 0
end_s = 0.2

[[action]]
code = "ASK_BLINK"
clip = "a.avi"
start_s = 0.2
end_s = 0.32
"""


def _footage(tmp_path: Path) -> Path:
    write_grey_clip(tmp_path / "a.avi", [50] * 5 + [100] * 3)
    write_picture(tmp_path / "a.png", plain(70))
    (tmp_path / "a.toml").write_text(SCRIPT)
    return tmp_path


def test_each_word_opens_its_camera(tmp_path: Path) -> None:
    folder = _footage(tmp_path)

    assert isinstance(open_camera(f"clip:{folder / 'a.avi'}"), ClipCamera)
    assert isinstance(open_camera(f"folder:{folder}"), FolderCamera)
    assert isinstance(open_camera(f"actor:{folder / 'a.toml'}"), ActorCamera)
    assert isinstance(open_camera(f"scene:{write_scene(folder)}"), SceneCamera)


def test_a_file_name_may_hold_a_colon(tmp_path: Path) -> None:
    clip = write_grey_clip(tmp_path / "10:30.avi", [50] * 3)

    assert len(list(open_camera(f"clip:{clip}").frames())) == 3


@pytest.mark.parametrize(
    "spec",
    [
        *(
            "",
            ":",
            "clip",
            "clip:",
            "folder:",
            "actor:",
            "scene:",
            "usb",
            "usb:",
            "usb:x",
            "usb:-1",
            "usb:1.0",
            "usb:²",
            "usb:1000",
        ),
        *(
            "pi:",
            "pi:x",
            "pi:1000",
            "jetson:",
            "jetson:-1",
            "apart:apart:usb:0",
            "ailing:",
            "ailing:usb:0",
            "ailing:ill@0:usb:0",
            "PI",
            "http://camera.invalid/live",
            "/dev/video0",
            "0",
            "clip:a\0b",
            "Clip:a.mp4",
        ),
    ],
)
def test_a_word_that_is_not_understood_is_answered_with_those_that_are(spec: str) -> None:
    with pytest.raises(
        CameraSpecError, match=r"must be one of clip:FILE, folder:DIR, usb:N, actor:FILE\.toml, scene:FILE\.toml, pi, "
    ):
        open_camera(spec)


@pytest.mark.parametrize("kind", list(BoardKind))
def test_a_board_for_which_no_setting_names_a_part_only_remembers(kind: BoardKind, tmp_path: Path) -> None:
    recorder = Recorder(SteppingClock())

    with open_board(kind, _cameras(tmp_path)["clip"], recorder) as board:
        board.illuminator.shine(Light.parse("LRV", 60))
        faults = board.faults()

    assert faults == {}
    assert recorder.of(Part.ILLUMINATOR) == ("LRV 60", "0 0")


def test_an_actor_on_a_board_watches_its_screen(tmp_path: Path) -> None:
    folder = _footage(tmp_path)

    with open_board(BoardKind.TWIN, f"actor:{folder / 'a.toml'}", Recorder(SteppingClock())) as board:
        frames = board.camera.frames()
        before = [level_of(frame) for frame in islice(frames, 3)]
        board.screen.show(View("ASK_BLINK", "Please blink", "", "en"))
        after = [level_of(frame) for frame in islice(frames, 5)]

    assert before == [50] * 3
    assert after == [100] * 3 + [50] * 2


def test_a_board_whose_camera_is_missing_does_not_open() -> None:
    with pytest.raises(CameraNotFoundError):
        open_board(BoardKind.TWIN, "clip:nothing.mp4", Recorder(SteppingClock()))


def test_every_error_of_this_room_has_a_sentence_for_the_installer() -> None:
    kinds = FirmwareError.__subclasses__()

    assert len(kinds) >= 15
    for kind in kinds:
        assert kind.__name__.endswith("Error")
        assert kind.__doc__ is not None
        assert kind.__doc__.strip().endswith(".")


# --- lamps ---------------------------------------------------------------------------------------------------------


def _open(camera: str, kind: BoardKind = BoardKind.TWIN, lamps: str | None = None) -> Board:
    return open_board(kind, camera, Recorder(SteppingClock()), lamps=lamps)


def _cameras(folder: Path) -> dict[str, str]:
    """The word for each replayed camera."""
    _footage(folder)
    (folder / "dark").mkdir()
    scene, clip, actor = write_scene(folder / "dark"), folder / "a.avi", folder / "a.toml"
    return {"clip": f"clip:{clip}", "actor": f"actor:{actor}", "folder": f"folder:{folder}", "scene": f"scene:{scene}"}


def test_every_board_says_what_it_can_do_with_light() -> None:
    assert set(STROBES) == set(BoardKind)
    assert STROBES[BoardKind.JETSON].symbol_frames == 1
    assert all(STROBES[kind].symbol_frames > 1 for kind in (BoardKind.TWIN, BoardKind.PI))


@pytest.mark.parametrize("kind", list(BoardKind))
def test_only_the_lamps_that_are_fitted_count(kind: BoardKind) -> None:
    assert strobe_of(kind, None) == STROBES[kind]
    assert strobe_of(kind, "L") == replace(STROBES[kind], lamps="L")


@pytest.mark.parametrize("camera", ["clip", "actor"])
@pytest.mark.parametrize("lamps", [None, "LRV"])
def test_a_camera_whose_light_nobody_tells_has_no_strobe(tmp_path: Path, camera: str, lamps: str | None) -> None:
    assert _open(_cameras(tmp_path)[camera], lamps=lamps).strobe == NO_STROBE


@pytest.mark.parametrize("camera", ["folder", "scene"])
def test_a_camera_that_tells_its_light_has_the_strobe_of_its_board(tmp_path: Path, camera: str) -> None:
    word = _cameras(tmp_path)[camera]

    assert _open(word).strobe == STROBES[BoardKind.TWIN]
    assert _open(word, lamps="LR").strobe == replace(STROBES[BoardKind.TWIN], lamps="LR")
    assert _open(word, BoardKind.USB).strobe == NO_STROBE


def test_only_a_scene_is_lit_by_its_board(tmp_path: Path) -> None:
    lights = {camera: _open(word).illuminator for camera, word in _cameras(tmp_path).items()}

    assert isinstance(lights.pop("scene"), SceneLamp)
    assert {type(light) for light in lights.values()} == {RecordingIlluminator}


def test_the_lamp_of_a_board_lights_its_scene(tmp_path: Path) -> None:
    scene = write_scene(tmp_path, SCENE + 'place = "dark"')

    with _open(f"scene:{scene}") as board:
        frames = board.camera.frames()
        dark = next(frames)
        board.illuminator.shine(Light.parse("LR", 40))
        lit = next(frames)

    assert (dark.light, lit.light) == (DARK, Light.parse("LR", 40))
    assert lit.luma.mean() > 2 * dark.luma.mean()


def test_a_scene_looks_at_the_screen_for_each_frame(tmp_path: Path) -> None:
    looks: list[str] = []

    def asked() -> str:
        looks.append("ASK_NOD")
        return looks[-1]

    seen = list(islice(open_camera(f"scene:{write_scene(tmp_path)}", asked=asked).frames(), 2))

    assert len(looks) == len(seen)


# --- self-test -----------------------------------------------------------------------------------------------------


class _StalledCamera:
    name = "usb:0"

    def frames(self) -> Iterator[Frame]:
        raise CameraStalledError(self.name, "no picture came for 2 s")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing to close."""


class _EmptyCamera(_StalledCamera):
    def frames(self) -> Iterator[Frame]:
        return iter(())


class _BrokenClock:
    def __init__(self) -> None:
        self._times = iter((9, 8))

    def now_ns(self) -> int:
        return next(self._times)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(SteppingClock())


@pytest.fixture
def board(tmp_path: Path, recorder: Recorder) -> Iterator[Board]:
    with open_board(BoardKind.TWIN, f"clip:{_footage(tmp_path) / 'a.avi'}", recorder) as board:
        yield board


def test_a_sound_board_has_one_good_finding_per_part(board: Board, recorder: Recorder) -> None:
    findings = try_parts(board)

    assert [finding.part for finding in findings] == [
        *("camera", "illuminator", "led", "screen", "speaker", "button", "buzzer", "tamper", "clock"),
    ]
    assert all(finding.ok for finding in findings)
    assert findings[0].sentence.endswith("delivers frames of 64 x 48 pixels.")
    assert {happening.part for happening in recorder.happenings} == set(Part) - {
        *(Part.BUTTON, Part.THERMOMETER, Part.TAMPER, Part.TOUCH)
    }


def test_the_self_test_leaves_everything_off(board: Board, recorder: Recorder) -> None:
    try_parts(board)

    assert recorder.of(Part.LED)[-1] == LedPattern.OFF
    assert recorder.of(Part.ILLUMINATOR)[-1] == "0 0"


def test_a_stalled_camera_is_found_and_the_other_parts_are_still_tried(board: Board) -> None:
    findings = try_parts(replace(board, camera=_StalledCamera()))

    assert [finding.ok for finding in findings] == [False] + [True] * 8
    assert findings[0].sentence == "usb:0: no picture came for 2 s; check the cable and restart the unit"


def test_a_camera_without_frames_and_a_clock_that_goes_back_are_found(board: Board) -> None:
    findings = try_parts(replace(board, camera=_EmptyCamera(), clock=_BrokenClock()))

    assert [finding.part for finding in findings if not finding.ok] == ["camera", "clock"]
    assert findings[0].sentence == "usb:0: no frame came"


@pytest.mark.parametrize(
    ("kind", "camera", "imagined"),
    [
        *((BoardKind.TWIN, "clip:a.mp4", True), (BoardKind.TWIN, "scene:a.toml", True)),
        *((BoardKind.TWIN, "usb:0", False), (BoardKind.TWIN, "apart:clip:a.mp4", False), (BoardKind.USB, "clip:a.mp4", False)),
    ],
)
def test_only_the_recordings_of_a_twin_have_a_visitor_who_touches_by_themselves(
    kind: BoardKind, camera: str, imagined: bool
) -> None:
    assert has_imagined_visitor(kind, camera) is imagined


@pytest.mark.parametrize(("kind", "touched"), [(BoardKind.TWIN, ("AGREE",)), (BoardKind.USB, ())])
def test_a_recording_on_another_board_agrees_to_nothing(kind: BoardKind, touched: tuple[str, ...], tmp_path: Path) -> None:
    with open_board(kind, f"clip:{write_grey_clip(tmp_path / 'a.avi', [50] * 5)}", Recorder(SteppingClock())) as board:
        board.screen.show(View("CONSENT", "May I?", "", "en"))

        assert board.touches.taken() == touched
