"""A unit with real parts: what is fitted is driven and remembered, and what cannot be had is named while the unit lives on."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firmware.board import Board, BoardKind, fit_board, open_blind_board, open_board
from firmware.clock import SystemClock
from firmware.errors import CameraNotFoundError, LampLostError, LightInvalidError, PinChipError, ScreenFaultError
from firmware.fitted import Drivers, Fitted, fit
from firmware.fittings import Fittings
from firmware.frame import DARK, UNKNOWN_LIGHT, Light
from firmware.pin_drivers import PinDriver
from firmware.pins import Output, PinBank, PinFunction, PinSettings
from firmware.ports import Clock, LedPattern, Tune, View
from firmware.screen_settings import ScreenKind, ScreenSettings
from firmware.selftest import try_parts
from firmware.twin.parts import Part, Recorder, RecordingScreen, RecordingSpeaker
from firmware.voice_folder import Sentence, SoundSettings
from tests.firmware.builders import eventually, write_grey_clip
from tests.firmware.lines import RIGS, GpiodRig, Rig
from tests.firmware.players import failing, played, player, write_voice
from tests.firmware.pwm import LIGHT, PwmTree, write_pwm
from tests.firmware.wires import RecordingBus

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")  # luma calls it

PINS = PinSettings(
    left="pwmchip0/0", right="pwmchip0/1", led_red="22", led_green="23", buzzer="12", button="5", tamper="6", screen_light="18"
)
NOD = Sentence("zh-CN", "请点点头")
VIEW = View("ASK_NOD", "请点点头", "", "zh-CN")


class Workshop:
    """Everything that stands between the parts and the metal, without metal."""

    def __init__(self, folder: Path, make_rig: Callable[[Clock], Rig] = GpiodRig) -> None:
        self.folder, self.rig, self.bus = folder, make_rig(SystemClock()), RecordingBus()
        self.pwm: PwmTree = write_pwm(folder / "sys")
        self.asked: list[tuple[PinDriver, str, str | None]] = []
        self.fittings = Fittings(
            PINS,
            LIGHT,
            ScreenSettings(ScreenKind.SSD1306),
            SoundSettings("default", folder=write_voice(folder / "voice", {NOD: 1000})),
            "/run/lifecert",
        )
        self.drivers = Drivers(self._bank, self._display, player=player(folder / "out"), sysfs=self.pwm.root)

    def _bank(self, driver: PinDriver, chip: str, lg_folder: str | None, clock: Clock) -> PinBank:
        self.asked.append((driver, chip, lg_folder))
        return self.rig.bank

    def _display(self, settings: ScreenSettings, outputs: Mapping[PinFunction, Output]) -> Any:
        from firmware.pi.screen import PanelLines, make_device

        self.outputs = outputs
        return make_device(settings, self.bus, PanelLines(outputs))

    def fit(self, fittings: Fittings | None = None, **other: object) -> Fitted:
        drivers = replace(self.drivers, **other)  # type: ignore[arg-type]  # fields of Drivers
        return fit(fittings or self.fittings, PinDriver.GPIOD, SystemClock(), drivers=drivers)


@pytest.fixture(params=RIGS)
def workshop(request: pytest.FixtureRequest, tmp_path: Path) -> Workshop:
    make: Callable[[Clock], Rig] = RIGS[request.param]
    return Workshop(tmp_path, make)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(SystemClock())


def board_with(fitted: Fitted, folder: Path, recorder: Recorder) -> Board:
    clip = write_grey_clip(folder / "a.avi", [50] * 5)
    return open_board(BoardKind.USB, f"clip:{clip}", recorder, fittings=fitted)


@pytest.fixture
def board(workshop: Workshop, tmp_path: Path, recorder: Recorder) -> Iterator[Board]:
    with workshop.fit() as fitted, board_with(fitted, tmp_path, recorder) as board:
        yield board


# --- everything is there -------------------------------------------------------------------------------------------


def test_every_real_part_does_what_the_board_is_told_and_all_of_it_is_remembered(
    board: Board, workshop: Workshop, recorder: Recorder
) -> None:
    board.illuminator.shine(Light.parse("LR", 40))
    board.led.show(LedPattern.LOOK_HERE)
    board.screen.show(VIEW)
    board.speaker.say(NOD.text, NOD.language)
    board.buzzer.play(Tune.DONE)
    workshop.rig.drive(5, high=False)

    assert workshop.pwm.shining == {0: 40, 1: 40}
    assert eventually(lambda: workshop.rig.level(22) and workshop.rig.level(23))
    assert eventually(lambda: workshop.rig.level(12))
    assert eventually(lambda: len(played(workshop.folder / "out")) == 1)
    assert len(tuple(board.button.presses())) == 1
    assert board.faults() == {}
    assert [(happening.part, happening.what) for happening in recorder.happenings] == [
        (Part.ILLUMINATOR, "LR 40"),
        (Part.LED, "LOOK_HERE"),
        (Part.SCREEN, "ASK_NOD"),
        (Part.SPEAKER, "zh-CN: 请点点头"),
        (Part.BUZZER, "DONE"),
        (Part.BUTTON, "press"),
    ]


@pytest.mark.parametrize(("lamp", "told"), [("left", "L 10"), ("visible", "V 10"), ("top", "T 10")])
def test_a_unit_that_is_wired_lamp_by_lamp_has_those_tried_that_are_there(
    workshop: Workshop, tmp_path: Path, recorder: Recorder, lamp: str, told: str
) -> None:
    one = replace(workshop.fittings, pins=PinSettings(**{lamp: "pwmchip0/0"}), light=replace(LIGHT, top_mw_sr=500))

    with workshop.fit(one) as fitted, board_with(fitted, tmp_path, recorder) as board:
        findings = {finding.part: finding for finding in try_parts(board)}

    assert findings["illuminator"].ok, findings["illuminator"].sentence
    assert recorder.of(Part.ILLUMINATOR)[0] == told


def test_what_the_lamps_really_did_stands_in_the_log_also_that_they_went_dark_by_themselves(workshop: Workshop) -> None:
    weak = replace(LIGHT, left_mw_sr=8000, longest_on_ms=300)

    with workshop.fit(replace(workshop.fittings, light=weak)) as fitted:
        assert fitted.illuminator is not None
        fitted.illuminator.shine(Light.parse("L", 60))
        given = fitted.log.latest
        dark = eventually(lambda: fitted.log.latest == DARK)

    assert (given, dark) == (Light("L", 25), True)


def test_led_screen_and_voice_are_told_at_one_time_of_one_clock(board: Board, recorder: Recorder) -> None:
    board.led.show(LedPattern.DO_ACTION)
    board.screen.show(VIEW)
    board.speaker.say(NOD.text, NOD.language)

    times = [happening.at_ns for happening in recorder.happenings]
    assert times == sorted(times)
    assert times[-1] - times[0] < 100_000_000


def test_the_housing_is_watched_and_its_opening_is_remembered(board: Board, workshop: Workshop, recorder: Recorder) -> None:
    """The wire of its switch is not there at first, so it begins as opened."""
    before = board.tamper.opened_since_ns()
    workshop.rig.drive(6, high=False)
    board.tamper.opened_since_ns()

    assert before is not None
    assert board.tamper.opened_since_ns() is None
    assert recorder.of(Part.TAMPER) == ("opened", "closed")


def test_leaving_a_board_that_opened_its_parts_itself_makes_everything_dark_and_lets_go(
    workshop: Workshop, tmp_path: Path, recorder: Recorder
) -> None:
    fitted = workshop.fit()
    with board_with(fitted, tmp_path, recorder) as board:
        board.illuminator.shine(Light.parse("LR", 40))
        board.led.show(LedPattern.HOLD_STILL)
        lit = eventually(lambda: workshop.rig.level(22))
    after_visit = (workshop.pwm.shining, workshop.rig.level(22), recorder.of(Part.LED))

    fitted.close()
    fitted.close()

    assert lit
    assert after_visit == ({}, True, ("HOLD_STILL",))  # the ending stays to be seen until the service lets go
    assert not any(workshop.rig.level(offset) for offset in (22, 23, 12, 18))
    assert workshop.bus.cleaned == 1


def test_the_lamps_go_dark_before_the_screen_is_let_go(workshop: Workshop) -> None:
    fitted = workshop.fit()
    fitted.illuminator.shine(Light.parse("L", 40))  # type: ignore[union-attr]  # it is fitted
    seen: list[dict[int, int]] = []
    workshop.bus.cleanup = lambda: seen.append(workshop.pwm.shining)  # type: ignore[method-assign]

    fitted.close()

    assert seen == [{}]


def test_the_self_test_finds_every_part_well_but_the_open_housing(board: Board) -> None:
    findings = try_parts(board)

    assert [finding.part for finding in findings if not finding.ok] == ["tamper"]
    assert "the wire of its switch is cut" in next(finding.sentence for finding in findings if finding.part == "tamper")


@pytest.mark.parametrize(("kind", "driver"), [("pi", "gpiozero"), ("jetson", "gpiod"), ("usb", "gpiod")])
def test_each_board_has_one_driver_and_its_chip_is_named(kind: str, driver: str) -> None:
    """Neither chip is here: the error tells who was asked."""
    fitted = fit_board(BoardKind(kind), Fittings(PinSettings("gpiochip250", button="5")), SystemClock())

    (why,) = fitted.faults().values()
    assert isinstance(why, PinChipError)
    assert ("gpiod" in str(why)) is (driver == "gpiod")
    assert "gpiochip250" in str(why)


def test_a_twin_has_no_parts_whatever_the_settings_say_but_a_screen_of_its_own(workshop: Workshop, recorder: Recorder) -> None:
    own = replace(workshop.fittings, own_screen=RecordingScreen(recorder), own_speaker=RecordingSpeaker(recorder))

    fitted = fit_board(BoardKind.TWIN, own, SystemClock())

    assert (fitted.screen, fitted.speaker) == (own.own_screen, own.own_speaker)
    assert (fitted.illuminator, fitted.led, fitted.button, fitted.faults()) == (None, None, None, {})


def test_a_screen_of_its_own_takes_the_place_of_the_small_one(workshop: Workshop, recorder: Recorder) -> None:
    own = RecordingScreen(recorder)

    with workshop.fit(replace(workshop.fittings, own_screen=own)) as fitted:
        assert fitted.screen is own
    assert workshop.bus.writes == []


# --- something is missing ------------------------------------------------------------------------------------------


def refuse_chip(*_asked: object) -> PinBank:
    raise PinChipError("/dev/gpiochip0", "it is not there; see which are: gpiodetect")


def refuse_screen(*_asked: object) -> Any:
    raise ScreenFaultError("ssd1306", "I2C device not found")


def test_an_unknown_chip_is_a_fault_of_every_part_on_it_and_of_no_other(tmp_path: Path, recorder: Recorder) -> None:
    workshop = Workshop(tmp_path)

    with workshop.fit(bank=refuse_chip) as fitted, board_with(fitted, tmp_path, recorder) as board:
        board.led.show(LedPattern.FAULT)
        board.illuminator.shine(Light.parse("L", 40))
        shining = workshop.pwm.shining
        findings = {finding.part: finding for finding in try_parts(board)}

    assert sorted(board.faults()) == ["button", "buzzer", "led", "screen", "tamper"]
    assert shining == {0: 40}
    assert {part for part, finding in findings.items() if not finding.ok} == {"led", "buzzer", "button", "screen", "tamper"}
    assert findings["led"].sentence == "/dev/gpiochip0: it is not there; see which are: gpiodetect"
    assert recorder.of(Part.LED)[0] == "FAULT"


def test_a_screen_that_is_missing_takes_nothing_else_with_it(tmp_path: Path, recorder: Recorder) -> None:
    workshop = Workshop(tmp_path)

    with workshop.fit(display=refuse_screen) as fitted, board_with(fitted, tmp_path, recorder) as board:
        board.screen.show(VIEW)
        board.speaker.say(NOD.text, NOD.language)
        heard = eventually(lambda: len(played(tmp_path / "out")) == 1)

    assert list(board.faults()) == ["screen"]
    assert heard


def test_without_a_sound_card_the_unit_shows_and_lights_all_the_same(tmp_path: Path, recorder: Recorder) -> None:
    workshop = Workshop(tmp_path)

    with workshop.fit(player=failing("cannot find card '0'")) as fitted, board_with(fitted, tmp_path, recorder) as board:
        board.speaker.say(NOD.text, NOD.language)
        board.led.show(LedPattern.DONE)
        lit = eventually(lambda: workshop.rig.level(23))

    assert str(board.faults()["speaker"]) == "speaker default: cannot find card '0'; see which there are: aplay -L"
    assert lit


def test_one_line_that_is_not_muxed_costs_only_its_own_part(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    assert isinstance(workshop.rig, GpiodRig)
    workshop.rig.kernel.lines[5].refuses = errno.EINVAL

    with workshop.fit() as fitted:
        assert list(fitted.faults()) == ["button"]
        assert fitted.led is not None


BAD_LAMPS = {
    "no chip": (replace(PINS, left="pwmchip9/0"), LIGHT),
    "a line that is not there": (PinSettings("gpiochip250", left="17"), LIGHT),
    "unknown strength": (PINS, replace(LIGHT, left_mw_sr=None)),
    "too strong": (replace(PINS, left="pwmchip0/0"), replace(LIGHT, left_mw_sr=20_000, right_mw_sr=20_000, nearest_cm=0.9)),
    "a word": (replace(PINS, left="pwmchip0"), LIGHT),
}


@pytest.mark.parametrize(("pins", "light"), BAD_LAMPS.values(), ids=BAD_LAMPS)
def test_lamps_that_cannot_be_had_are_a_fault_and_nothing_is_lit_instead(
    pins: PinSettings, light: Any, tmp_path: Path, recorder: Recorder
) -> None:
    workshop = Workshop(tmp_path)

    with (
        workshop.fit(replace(workshop.fittings, pins=pins, light=light)) as fitted,
        board_with(fitted, tmp_path, recorder) as board,
    ):
        with pytest.raises(LampLostError, match=r"^lamps: (?!lamps: )"):
            board.illuminator.shine(Light.parse("L", 40))
        with pytest.raises(LightInvalidError):
            board.illuminator.shine(UNKNOWN_LIGHT)
        board.illuminator.shine(DARK)
        found = [finding.part for finding in try_parts(board) if not finding.ok]

    assert "illuminator" in board.faults()
    assert "illuminator" in found
    assert set(recorder.of(Part.ILLUMINATOR)) == {"0 0"}
    assert workshop.pwm.shining == {}


def test_a_part_that_fails_while_it_works_is_a_fault_until_it_works_again(tmp_path: Path, recorder: Recorder) -> None:
    workshop = Workshop(tmp_path)
    with workshop.fit() as fitted, board_with(fitted, tmp_path, recorder) as board:
        well = dict(board.faults())
        workshop.bus.error = OSError(errno.EIO, "Input/output error")
        board.screen.show(VIEW)
        ill = eventually(lambda: list(board.faults()) == ["screen"])
        workshop.bus.error = None
        board.screen.show(replace(VIEW, title="请看屏幕"))
        again = eventually(lambda: board.faults() == {})

    assert (well, ill, again) == ({}, True, True)


def test_a_board_whose_camera_is_missing_lets_go_of_what_it_opened(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = Workshop(tmp_path)
    monkeypatch.setattr("firmware.board.fit_board", lambda *_asked: workshop.fit())

    with pytest.raises(CameraNotFoundError):
        open_board(BoardKind.USB, "clip:nothing.mp4", recorder, fittings=workshop.fittings)

    assert workshop.bus.cleaned == 1


def test_what_was_open_before_stays_open_when_a_camera_is_missing(tmp_path: Path, recorder: Recorder) -> None:
    with Workshop(tmp_path).fit() as fitted:
        with pytest.raises(CameraNotFoundError):
            open_board(BoardKind.USB, "clip:nothing.mp4", recorder, fittings=fitted)
        fitted.illuminator.shine(Light.parse("L", 40))  # type: ignore[union-attr]  # what was open stays open


def test_a_board_without_its_camera_can_be_tried_all_the_same(recorder: Recorder) -> None:
    why = CameraNotFoundError("usb:0", "there is no /dev/video0")

    with open_blind_board(BoardKind.USB, "usb:0", why, recorder, Fittings()) as board:
        findings = try_parts(board)

    assert [finding.part for finding in findings if not finding.ok] == ["camera"]
    assert findings[0].sentence == "usb:0: there is no /dev/video0"


def test_what_is_driven_by_the_led_lines_is_the_colour_of_the_pattern(workshop: Workshop) -> None:
    with workshop.fit() as fitted:
        assert fitted.led is not None
        fitted.led.show(LedPattern.FAULT)
        red = eventually(lambda: workshop.rig.level(22) and not workshop.rig.level(23))

    assert red
