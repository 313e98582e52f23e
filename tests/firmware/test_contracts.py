"""What every camera and every part must do, whatever it is made of. A new board joins the lists at the top."""

from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware.absent import NO_BUZZER
from firmware.apart.camera import ApartCamera, ApartLimits
from firmware.board import Board, BoardKind, open_board, open_camera
from firmware.clock import SystemClock
from firmware.errors import LightInvalidError
from firmware.frame import DARK, UNKNOWN_LIGHT, Light
from firmware.health import HealthLimits
from firmware.jetson.camera import JetsonCamera, JetsonLimits
from firmware.light_log import LightLog
from firmware.lit_camera import LitCamera
from firmware.pi.camera import PiLimits, open_pi_camera
from firmware.ports import Camera, LedPattern, Loudness, Slowdown, Thermometer, Tune, View
from firmware.sound import AlsaSpeaker
from firmware.thermal import SysfsThermometer
from firmware.twin.keeping import KeepingCamera
from firmware.twin.parts import Part, Recorder, RecordingButton, RecordingTamperSwitch, RecordingThermometer
from firmware.usb.camera import UsbCamera, UsbLimits
from firmware.voice_folder import Sentence, SoundSettings
from tests.firmware.builders import SteppingClock, eventually, noisy, plain, write_grey_clip, write_picture
from tests.firmware.fake_picamera2 import FakeLibrary, Sensor, endless
from tests.firmware.fakes import FakeCapture
from tests.firmware.players import played, player, write_voice
from tests.firmware.scenes import Booth, write_scene
from tests.firmware.sysfs import write_slowdowns, write_zone


def _clip(folder: Path) -> Camera:
    return open_camera(_clip_word(folder))


def _folder(folder: Path) -> Camera:
    for number in range(8):
        write_picture(folder / f"{number}.png", plain(20 * number))
    return open_camera(f"folder:{folder}")


def _actor(folder: Path) -> Camera:
    write_grey_clip(folder / "a.avi", [50] * 5)
    (folder / "a.toml").write_text('[neutral]\nclip = "a.avi"\nstart_s = 0\nend_s = 0.2\n')
    return open_camera(f"actor:{folder / 'a.toml'}")


def _usb(_folder: Path) -> Camera:
    return UsbCamera("usb:0", FakeCapture(noisy()), SystemClock(), UsbLimits(health=HealthLimits(least_px=1)))


def _pi(_folder: Path) -> Camera:
    return open_pi_camera("pi:0", 0, SystemClock(), PiLimits(64, 48), FakeLibrary(Sensor(endless())))


def _mono_pi(_folder: Path) -> Camera:
    """One stream, brightness and colour apart."""
    return open_pi_camera("pi", 0, SystemClock(), PiLimits(64, 48), FakeLibrary(Sensor(endless(), properties={})))


def _jetson(_folder: Path) -> Camera:
    return JetsonCamera("jetson", FakeCapture(noisy()), SystemClock(), JetsonLimits(health=HealthLimits(least_px=1)))


def _apart(folder: Path) -> Camera:
    patient = ApartLimits(60.0, 60.0, health=HealthLimits(first_within_s=60.0, least_px=1))
    return ApartCamera("apart", _clip_word(folder), SystemClock(), patient)


def _lit(folder: Path) -> Camera:
    return LitCamera(_pi(folder), LightLog(0))


def _scene(_folder: Path) -> Camera:
    return Booth().camera


def _keeping(folder: Path) -> Camera:
    return KeepingCamera(_scene(folder), folder / "kept")


def _told(_folder: Path, celsius: float | None, *slowdowns: Slowdown) -> Thermometer:
    thermometer = RecordingThermometer(Recorder(SteppingClock()))
    thermometer.tell(celsius, *slowdowns)
    return thermometer


def _sysfs(folder: Path, celsius: float | None, *slowdowns: Slowdown) -> Thermometer:
    if celsius is not None:
        write_zone(folder, 0, f"{celsius * 1000:.0f}\n")
    if slowdowns:
        write_slowdowns(folder, *slowdowns)
    return SysfsThermometer(folder)


def _clip_word(folder: Path) -> str:
    return f"clip:{write_grey_clip(folder / 'a.avi', range(20, 220, 10))}"


def _scene_word(folder: Path) -> str:
    return f"scene:{write_scene(folder)}"


Heard = Callable[[], NDArray[np.int16]]
"""Lets a speaker say a tone of amplitude 20,000, and hands over the samples that were played."""


def _alsa(folder: Path) -> tuple[Loudness, Heard]:
    tone, out = Sentence("en", "Done Thank you."), folder / "out"
    settings = SoundSettings("default", 100.0, write_voice(folder / "voice", {tone: 20_000}))
    speaker = AlsaSpeaker(settings, NO_BUZZER, player(out))

    def hear() -> NDArray[np.int16]:
        speaker.say(tone.text, tone.language)
        assert eventually(lambda: len(played(out)) == 1)
        speaker.close()
        return played(out)[0]

    return speaker, hear


CAMERAS = {
    "clip": _clip,
    "folder": _folder,
    "actor": _actor,
    "usb": _usb,
    "scene": _scene,
    "keeping": _keeping,
    "pi": _pi,
    "one stream": _mono_pi,
    "jetson": _jetson,
    "apart": _apart,
    "lit": _lit,
}
THERMOMETERS = {"twin": _told, "sysfs": _sysfs}
LOUD = {"alsa": _alsa}
BOARDS = {
    "twin": (BoardKind.TWIN, _clip_word),
    "usb": (BoardKind.USB, _clip_word),
    "twin-scene": (BoardKind.TWIN, _scene_word),
}


@pytest.fixture(params=CAMERAS)
def camera(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Camera]:
    make: Callable[[Path], Camera] = CAMERAS[request.param]
    with make(tmp_path) as camera:
        yield camera


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(SteppingClock(step_ns=1_000_000))


@pytest.fixture(params=BOARDS)
def closed_board(request: pytest.FixtureRequest, tmp_path: Path, recorder: Recorder) -> Board:
    kind, word = BOARDS[request.param]
    return open_board(kind, word(tmp_path), recorder)


@pytest.fixture
def board(closed_board: Board) -> Iterator[Board]:
    with closed_board as board:
        yield board


# --- every camera --------------------------------------------------------------------------------------------------


def test_the_time_of_frames_strictly_increases_and_they_are_counted_from_0(camera: Camera) -> None:
    frames = list(islice(camera.frames(), 6))

    assert [frame.sequence for frame in frames] == list(range(6))
    assert all(earlier.captured_ns < later.captured_ns for earlier, later in pairwise(frames))


def test_frames_are_eight_bit_colour_of_one_size_and_cannot_be_changed(camera: Camera) -> None:
    frames = list(islice(camera.frames(), 3))

    assert len({frame.bgr.shape for frame in frames}) == 1
    for frame in frames:
        assert frame.bgr.shape == (frame.height_px, frame.width_px, 3)
        assert frame.luma.shape == (frame.height_px, frame.width_px)
        assert frame.width_px > frame.height_px > 40
        assert frame.bgr.dtype == frame.luma.dtype == "uint8"
        assert not frame.bgr.flags.writeable
        assert not frame.luma.flags.writeable


def test_a_frame_has_a_light_only_where_its_camera_is_told_one(camera: Camera) -> None:
    lights = {frame.light for frame in islice(camera.frames(), 3)}

    assert lights == ({DARK} if camera.name.startswith("scene:") else {UNKNOWN_LIGHT})


def test_a_camera_is_called_by_the_words_that_opened_it(camera: Camera) -> None:
    assert camera.name.split(":")[0] in CAMERAS


def test_no_frame_comes_from_a_closed_camera(camera: Camera) -> None:
    frames = camera.frames()
    next(frames)

    camera.__exit__(None, None, None)
    camera.__exit__(None, None, None)

    assert list(frames) == []
    assert list(camera.frames()) == []


def test_frames_can_be_asked_for_again(camera: Camera) -> None:
    next(camera.frames())

    again = next(camera.frames())

    assert again.sequence == 0


# --- every thermometer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", THERMOMETERS.values(), ids=THERMOMETERS)
@pytest.mark.parametrize("celsius", [-12.5, 0.0, 47.2, 85.0])
def test_a_thermometer_tells_degrees_celsius(make: Callable[..., Thermometer], celsius: float, tmp_path: Path) -> None:
    thermometer = make(tmp_path, celsius)

    assert [thermometer.celsius(), thermometer.celsius()] == [celsius, celsius]


@pytest.mark.parametrize("make", THERMOMETERS.values(), ids=THERMOMETERS)
def test_a_board_without_a_sensor_has_no_temperature_and_nothing_slows_it_down(
    make: Callable[..., Thermometer], tmp_path: Path
) -> None:
    thermometer = make(tmp_path, None)

    assert (thermometer.celsius(), thermometer.slowdowns()) == (None, frozenset())


@pytest.mark.parametrize("make", THERMOMETERS.values(), ids=THERMOMETERS)
@pytest.mark.parametrize("slowdowns", [*([each] for each in Slowdown), [Slowdown.WEAK_SUPPLY, Slowdown.THROTTLED]])
def test_a_thermometer_tells_what_slows_its_board_down(
    make: Callable[..., Thermometer], slowdowns: list[Slowdown], tmp_path: Path
) -> None:
    assert make(tmp_path, 82.0, *slowdowns).slowdowns() == frozenset(slowdowns)


# --- every speaker whose volume can be set -------------------------------------------------------------------------


@pytest.mark.parametrize("make", LOUD.values(), ids=LOUD)
@pytest.mark.parametrize(("percent", "loudest"), [(0.0, 0), (50.0, 10_000), (100.0, 20_000), (400.0, 32_767)])
def test_a_speaker_tells_its_volume_and_the_next_sentence_has_the_one_that_was_set(
    make: Callable[[Path], tuple[Loudness, Heard]], percent: float, loudest: int, tmp_path: Path
) -> None:
    speaker, hear = make(tmp_path)
    before = speaker.volume_percent

    speaker.set_volume(percent)
    samples = hear()

    assert isinstance(speaker, Loudness)
    assert (before, speaker.volume_percent) == (100.0, percent)
    assert samples.max() == pytest.approx(loudest, abs=3)
    assert samples[:16].min() >= 0  # the tone begins upwards: nothing has wrapped round


# --- every board ---------------------------------------------------------------------------------------------------


def test_the_light_shines_as_told_until_it_is_off(board: Board, recorder: Recorder) -> None:
    board.illuminator.shine(Light.parse("LR", 40))
    board.illuminator.shine(DARK)
    board.illuminator.off()
    board.illuminator.off()

    assert recorder.of(Part.ILLUMINATOR) == ("LR 40", "0 0", "0 0", "0 0")


def test_a_light_that_is_not_known_cannot_be_switched_on(board: Board, recorder: Recorder) -> None:
    with pytest.raises(LightInvalidError, match="not known"):
        board.illuminator.shine(UNKNOWN_LIGHT)

    assert recorder.of(Part.ILLUMINATOR) == ()


def test_the_led_shows_every_pattern(board: Board, recorder: Recorder) -> None:
    for pattern in LedPattern:
        board.led.show(pattern)

    assert recorder.of(Part.LED) == tuple(LedPattern)


def test_the_screen_shows_a_view(board: Board, recorder: Recorder) -> None:
    board.screen.show(View("ASK_BLINK", "请眨眼", "", "zh-CN"))

    assert recorder.of(Part.SCREEN) == ("ASK_BLINK",)


def test_the_speaker_says_a_text_in_its_language(board: Board, recorder: Recorder) -> None:
    board.speaker.say("请眨眼", "zh-CN")

    assert recorder.of(Part.SPEAKER) == ("zh-CN: 请眨眼",)


def test_each_press_of_the_button_is_told_once_and_in_order(board: Board) -> None:
    assert isinstance(board.button, RecordingButton)
    board.button.press()
    board.button.press()

    told = list(board.button.presses())

    assert len(told) == 2
    assert told == sorted(told)
    assert list(board.button.presses()) == []


def test_the_buzzer_plays_every_tune(board: Board, recorder: Recorder) -> None:
    for tune in Tune:
        board.buzzer.play(tune)

    assert recorder.of(Part.BUZZER) == tuple(Tune)


def test_a_housing_is_closed_until_it_is_opened_and_tells_since_when(board: Board, recorder: Recorder) -> None:
    assert isinstance(board.tamper, RecordingTamperSwitch)
    before = board.tamper.opened_since_ns()
    board.tamper.open()
    opened = [board.tamper.opened_since_ns(), board.tamper.opened_since_ns()]
    board.tamper.close()

    assert (before, board.tamper.opened_since_ns()) == (None, None)
    assert opened == [recorder.happenings[-2].at_ns] * 2
    assert recorder.of(Part.TAMPER) == ("opened", "closed")


def test_a_replay_is_as_hot_as_its_script_says_and_not_as_the_machine(board: Board, recorder: Recorder) -> None:
    assert isinstance(board.thermometer, RecordingThermometer)
    assert (board.live, board.thermometer.celsius()) == (False, None)

    board.thermometer.tell(71.26, Slowdown.CAPPED)

    assert (board.thermometer.celsius(), board.thermometer.slowdowns()) == (71.26, {Slowdown.CAPPED})
    assert recorder.of(Part.THERMOMETER) == ("71.3 clock capped",)


def test_leaving_a_board_goes_dark_and_closes_the_camera_even_after_an_error(closed_board: Board, recorder: Recorder) -> None:
    frames = closed_board.camera.frames()

    def visit_that_fails() -> None:
        with closed_board:
            next(frames)
            closed_board.illuminator.shine(Light.parse("LR"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        visit_that_fails()

    assert recorder.of(Part.ILLUMINATOR)[-1] == "0 0"
    assert recorder.of(Part.LED)[-1] == LedPattern.OFF
    assert list(frames) == []
