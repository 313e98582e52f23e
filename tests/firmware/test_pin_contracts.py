"""What every bank of lines must do, and the parts on them: the same tests for gpiod and for gpiozero."""

from __future__ import annotations

import errno
import inspect
from collections.abc import Callable, Iterator

import gpiod
import pytest

from firmware.clock import SystemClock
from firmware.errors import PinChipError, PinLostError
from firmware.gpio_lines import LineBank
from firmware.led_language import LANGUAGE, Channel
from firmware.pin_parts import PinButton, PinBuzzer, PinLed, PinTamperSwitch
from firmware.pins import Line, PinFunction
from firmware.ports import LedPattern, Tune
from firmware.tunes import TUNES_MS
from tests.firmware.builders import SteppingClock, eventually
from tests.firmware.lines import RIGS, FakeChip, FakeKernel, FakeRequest, GpiodRig, Rig

LAMP = Line(PinFunction.LEFT, 17)
SINKING_LAMP = Line(PinFunction.RIGHT, 27, active_low=True)
BUTTON = Line(PinFunction.BUTTON, 5, active_low=True)
TAMPER = Line(PinFunction.TAMPER, 6)


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(1_000)


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, clock: SteppingClock) -> Iterator[Rig]:
    make: Callable[[SteppingClock], Rig] = RIGS[request.param]
    rig = make(clock)
    yield rig
    rig.bank.close()


# --- every bank ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [LAMP, SINKING_LAMP])
def test_an_output_is_inactive_when_opened_and_follows_its_word(rig: Rig, line: Line) -> None:
    output = rig.bank.output(line)
    offset = int(line.where)

    seen = [rig.level(offset)]
    for active in (True, False, False, True):
        output.set(active)
        seen.append(rig.level(offset))

    assert seen == [active is not line.active_low for active in (False, True, False, False, True)]


@pytest.mark.parametrize("line", [LAMP, SINKING_LAMP])
def test_closing_a_bank_leaves_its_outputs_inactive(rig: Rig, line: Line) -> None:
    rig.bank.output(line).set(True)
    lit = rig.level(int(line.where))

    rig.bank.close()
    rig.bank.close()

    assert lit is not line.active_low
    assert rig.level(int(line.where)) is line.active_low


def test_a_line_can_be_named(rig: Rig) -> None:
    rig.bank.output(Line(PinFunction.LEFT, "GPIO17")).set(True)

    assert rig.level(17)


@pytest.mark.parametrize("line", [BUTTON, TAMPER])
def test_an_input_is_pulled_up_and_tells_its_changes_once_with_their_time(rig: Rig, line: Line, clock: SteppingClock) -> None:
    watched, offset = rig.bank.input(line), int(line.where)
    at_rest = watched.active()
    clock.advance(1)

    rig.drive(offset, high=False)
    pulled = watched.active()
    clock.advance(1)
    rig.drive(offset, high=True)
    changes = tuple(watched.changes())

    assert (at_rest, pulled) == (not line.active_low, line.active_low)
    assert [(change.at_ns, change.active) for change in changes] == [
        (1_000_001_000, line.active_low),
        (2_000_001_000, not line.active_low),
    ]
    assert tuple(watched.changes()) == ()


def test_a_line_that_is_held_already_is_named_with_what_to_do(rig: Rig) -> None:
    rig.bank.output(LAMP)

    with pytest.raises(PinLostError, match=r"line 17 \(led_red\): .*(gpioinfo|pinout)"):
        rig.bank.output(Line(PinFunction.LED_RED, 17))


@pytest.mark.parametrize("where", [400, "NOBODY"])
def test_a_line_that_is_not_there_is_named(rig: Rig, where: int | str) -> None:
    with pytest.raises(PinLostError, match=rf"line {where} \(button\)"):
        rig.bank.input(Line(PinFunction.BUTTON, where))


# --- gpiod ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["line_offset_from_id", "request_lines", "close"])
def test_the_fake_chip_takes_no_call_that_the_real_one_does_not(call: str) -> None:
    real, fake = (set(inspect.signature(getattr(each, call)).parameters) for each in (gpiod.Chip, FakeChip))

    assert fake <= real


@pytest.mark.parametrize("call", ["set_value", "get_value", "wait_edge_events", "read_edge_events", "release"])
def test_the_fake_line_takes_no_call_that_the_real_one_does_not(call: str) -> None:
    real, fake = (set(inspect.signature(getattr(each, call)).parameters) for each in (gpiod.LineRequest, FakeRequest))

    assert fake <= real


CHIP_ERRORS = [
    (errno.ENOENT, "gpiodetect"),
    (errno.ENODEV, "not a chip of lines"),
    (errno.EACCES, "group 'gpio'"),
    (errno.EIO, "Input/output error"),
]


@pytest.mark.parametrize(("error", "told"), CHIP_ERRORS)
def test_a_chip_that_does_not_open_is_named_with_what_to_do(error: int, told: str) -> None:
    kernel = FakeKernel(SteppingClock(), {"/dev/gpiochip7": error})

    with pytest.raises(PinChipError, match=told) as caught:
        LineBank("gpiochip7", kernel.load)

    assert caught.value.chip == "/dev/gpiochip7"


def test_the_real_library_is_asked_for_the_chip_by_its_name_and_none_is_guessed() -> None:
    with pytest.raises(PinChipError, match=r"/dev/gpiochip250: it is not there"):
        LineBank("gpiochip250")


LINE_ERRORS = [(errno.EBUSY, "not muxed as GPIO"), (errno.EINVAL, "muxed"), (errno.ENXIO, "muxed"), (errno.EPERM, "reserved")]


@pytest.mark.parametrize(("error", "told"), LINE_ERRORS)
def test_a_line_of_a_jetson_that_is_not_muxed_is_named_with_what_to_do(error: int, told: str) -> None:
    rig = GpiodRig(SteppingClock())
    rig.kernel.lines[17].refuses = error

    with pytest.raises(PinLostError, match=rf"/dev/gpiochip0, line 17 \(left\): .*{told}"):
        rig.bank.output(LAMP)


def test_a_line_that_fails_while_it_is_used_is_named() -> None:
    rig = GpiodRig(SteppingClock())
    output, watched = rig.bank.output(LAMP), rig.bank.input(BUTTON)
    rig.kernel.lines[17].refuses = rig.kernel.lines[5].refuses = errno.EIO

    for act in (lambda: output.set(True), watched.active, watched.changes):
        with pytest.raises(PinLostError, match="Input/output error"):
            act()
    rig.kernel.lines[17].refuses = None


def test_a_bank_asks_the_kernel_to_leave_bounces_out_and_to_stamp_with_the_clock_of_the_unit() -> None:
    rig = GpiodRig(SteppingClock())

    rig.bank.input(BUTTON)

    settings = rig.kernel.lines[5].settings
    assert settings is not None
    assert settings.debounce_period.total_seconds() == 0.02
    assert settings.event_clock is gpiod.line.Clock.MONOTONIC


# --- the parts on them ---------------------------------------------------------------------------------------------


LED_LINES = {
    Channel.RED: Line(PinFunction.LED_RED, 22),
    Channel.GREEN: Line(PinFunction.LED_GREEN, 23),
    Channel.BLUE: Line(PinFunction.LED_BLUE, 24),
}


def lit(rig: Rig) -> set[Channel]:
    return {channel for channel, line in LED_LINES.items() if rig.level(int(line.where))}


@pytest.mark.parametrize("pattern", [pattern for pattern in LedPattern if pattern is not LedPattern.OFF])
def test_an_led_shows_a_pattern_in_its_colour_at_once_and_off_again(rig: Rig, clock: SteppingClock, pattern: LedPattern) -> None:
    led = PinLed({channel: rig.bank.output(line) for channel, line in LED_LINES.items()}, clock)

    led.show(pattern)
    shown = eventually(lambda: lit(rig) == LANGUAGE[pattern].colour)
    led.show(LedPattern.OFF)
    dark = eventually(lambda: lit(rig) == set())
    led.close()

    assert (shown, dark, led.fault) == (True, True, None)


def test_a_pattern_that_is_shown_again_goes_on_and_does_not_flash_anew(rig: Rig, clock: SteppingClock) -> None:
    led = PinLed({channel: rig.bank.output(line) for channel, line in LED_LINES.items()}, clock)
    led.show(LedPattern.IDLE)
    lit_once = eventually(lambda: rig.level(23))
    clock.advance(1)
    dark = eventually(lambda: not rig.level(23))

    led.show(LedPattern.IDLE)
    anew = eventually(lambda: rig.level(23), within_s=0.3)
    led.close()

    assert (lit_once, dark, anew) == (True, True, False)


def test_an_led_of_one_colour_shows_every_pattern_in_it(rig: Rig, clock: SteppingClock) -> None:
    led = PinLed({Channel.RED: rig.bank.output(LED_LINES[Channel.RED])}, clock)

    led.show(LedPattern.DONE)

    assert eventually(lambda: lit(rig) == {Channel.RED})
    led.close()


def test_the_rhythm_of_an_led_goes_on_by_itself(rig: Rig) -> None:
    led = PinLed({channel: rig.bank.output(line) for channel, line in LED_LINES.items()}, SystemClock())

    led.show(LedPattern.DO_ACTION)
    flashes = [eventually(lambda: lit(rig) == {Channel.BLUE}), eventually(lambda: lit(rig) == set())] * 2
    led.close()

    assert flashes == [True] * 4


@pytest.mark.parametrize("tune", Tune)
def test_a_buzzer_plays_a_tune_and_falls_silent(rig: Rig, tune: Tune) -> None:
    buzzer = PinBuzzer(rig.bank.output(Line(PinFunction.BUZZER, 12)), SystemClock())

    buzzer.play(tune)
    sounds = eventually(lambda: rig.level(12))
    silent = [eventually(lambda: not rig.level(12)) for _ in TUNES_MS[tune]]
    buzzer.close()

    assert sounds
    assert all(silent)
    assert buzzer.fault is None


def test_each_press_of_a_button_is_told_once_however_long_it_is_held(rig: Rig, clock: SteppingClock) -> None:
    button = PinButton(rig.bank.input(BUTTON))
    clock.advance(1)

    rig.drive(5, high=False)
    held = tuple(button.presses())
    clock.advance(60)
    rig.drive(5, high=True)
    rig.drive(5, high=False)

    assert held == (1_000_001_000,)
    assert tuple(button.presses()) == (61_000_001_000,)
    assert tuple(button.presses()) == ()


def test_a_housing_is_opened_when_its_switch_lets_go(rig: Rig, clock: SteppingClock) -> None:
    rig.bank.input(Line(PinFunction.BUTTON, 13))  # another line of the same chip
    watched = rig.bank.input(TAMPER)
    rig.drive(6, high=False)
    tuple(watched.changes())
    tamper = PinTamperSwitch(watched, clock)
    closed = tamper.opened_since_ns()
    clock.advance(5)

    rig.drive(6, high=True)
    clock.advance(5)

    assert closed is None
    assert [tamper.opened_since_ns(), tamper.opened_since_ns()] == [5_000_001_000] * 2


def test_a_housing_that_was_opened_in_between_is_told_once(rig: Rig, clock: SteppingClock) -> None:
    watched = rig.bank.input(TAMPER)
    rig.drive(6, high=False)
    tuple(watched.changes())
    tamper = PinTamperSwitch(watched, clock)

    rig.drive(6, high=True)
    rig.drive(6, high=False)

    assert tamper.opened_since_ns() is not None
    assert tamper.opened_since_ns() is None


def test_of_several_openings_the_first_counts(rig: Rig, clock: SteppingClock) -> None:
    watched = rig.bank.input(TAMPER)
    rig.drive(6, high=False)
    tuple(watched.changes())
    tamper = PinTamperSwitch(watched, clock)
    for high in (True, False, True):
        clock.advance(1)
        rig.drive(6, high=high)

    assert tamper.opened_since_ns() == 1_000_001_000


def test_a_cut_wire_counts_as_an_open_housing(rig: Rig, clock: SteppingClock) -> None:
    tamper = PinTamperSwitch(rig.bank.input(TAMPER), clock)

    assert tamper.opened_since_ns() == clock.now_ns()


def test_a_part_that_fails_in_its_thread_keeps_why(clock: SteppingClock) -> None:
    rig = GpiodRig(clock)
    led = PinLed({Channel.RED: rig.bank.output(LED_LINES[Channel.RED])}, clock)
    rig.kernel.lines[22].refuses = errno.EIO

    led.show(LedPattern.FAULT)

    assert eventually(lambda: isinstance(led.fault, PinLostError))
    led.close()
    rig.kernel.lines[22].refuses = None
