"""The keeper of the lamps obeys within its limits, and is dark before, after and whenever something is wrong."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.dose import LightLimits
from firmware.errors import LampLostError, LampTooStrongError, LampUnmeasuredError, PinLostError
from firmware.lamp_keeper import KeeperOrder
from firmware.lamps import LampKeeper, lamps_of
from firmware.pins import PinFunction, PinSettings, PwmChannel
from firmware.pwm import PERIOD_NS, PwmLamp
from tests.firmware.builders import SteppingClock
from tests.firmware.lines import RIGS, GpiodRig, Rig
from tests.firmware.pwm import LIGHT, PINS, PwmTree, order, write_pwm, written_as_by_the_kernel

LINES = PinSettings(left="17", right="27", visible="22", active_low="right")


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(5)


@pytest.fixture
def tree(tmp_path: Path) -> PwmTree:
    return write_pwm(tmp_path, left_on=True)


def keeper_of(tree: PwmTree, clock: SteppingClock, limits: LightLimits = LIGHT) -> LampKeeper:
    return LampKeeper(lamps_of(PINS, None, tree.root), limits, clock)


# --- hardware PWM --------------------------------------------------------------------------------------------------


def test_taking_the_lamps_makes_them_dark_whatever_was_left_of_them(tree: PwmTree) -> None:
    before = tree.shining

    lamps = lamps_of(PINS, None, tree.root)

    assert before == {0: 60, 1: 60, 2: 60, 3: 60}
    assert tree.shining == {3: 60}  # nobody's
    assert list(lamps) == ["L", "R", "V"]


def test_a_lamp_on_hardware_pwm_shines_as_strongly_as_told_at_20_kilohertz(tree: PwmTree) -> None:
    lamp = lamps_of(PINS, None, tree.root)["L"]

    for duty, ticks in ((1, 500), (40, 20_000), (100, 50_000)):
        lamp.set(duty)
        assert (tree.read(0, "duty_cycle"), tree.read(0, "enable")) == (str(ticks), "1")
    lamp.set(0)

    assert tree.shining == {3: 60}
    assert 1e9 / PERIOD_NS == 20_000


def test_a_driver_that_sinks_its_current_has_its_polarity_turned(tree: PwmTree) -> None:
    lamps_of(replace(PINS, active_low="left"), None, tree.root)

    assert (tree.read(0, "polarity"), tree.read(1, "polarity")) == ("inversed", "normal")


def test_a_polarity_that_was_left_turned_is_turned_back(tree: PwmTree) -> None:
    tree.file(0, "polarity").write_text("inversed\n", encoding="ascii")

    lamps_of(PINS, None, tree.root)

    assert tree.read(0, "polarity") == "normal"


def test_a_channel_that_nobody_has_exported_is_exported(tree: PwmTree) -> None:
    """The kernel then makes its folder; here nobody does, so the first file that is missing is named."""
    channel = PwmChannel(PinFunction.LEFT, "pwmchip0", 7)
    waits: list[float] = []

    with pytest.raises(PinLostError, match=r"pwmchip0, channel 7 \(left\): duty_cycle cannot be set"):
        PwmLamp(channel, tree.root, waits.append)

    assert 1.0 < sum(waits) < 5.0  # for udev
    assert (tree.root / "class" / "pwm" / "pwmchip0" / "export").read_text(encoding="ascii") == "7\n"


def test_a_channel_that_is_new_gets_its_period_first_for_the_kernel_refuses_all_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = PwmTree(tmp_path)
    tree.file(0, "enable").parent.parent.mkdir(parents=True)
    monkeypatch.setattr(Path, "write_text", written_as_by_the_kernel(tree))

    lamp = PwmLamp(PwmChannel(PinFunction.LEFT, "pwmchip0", 0), tree.root)
    dark = tree.duty_percent(0)
    lamp.set(40)

    assert (dark, tree.duty_percent(0)) == (0, 40)


def test_a_channel_that_was_left_with_a_longer_light_than_our_period_goes_dark_first(
    tree: PwmTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("period", 200_000), ("duty_cycle", 90_000)):
        tree.file(0, name).write_text(f"{value}\n", encoding="ascii")
    monkeypatch.setattr(Path, "write_text", written_as_by_the_kernel(tree))

    PwmLamp(PwmChannel(PinFunction.LEFT, "pwmchip0", 0), tree.root)

    assert [tree.read(0, name) for name in ("period", "duty_cycle", "enable")] == ["50000", "0", "0"]


def test_a_channel_is_waited_for_until_udev_has_handed_its_files_over(tree: PwmTree) -> None:
    waits: list[float] = []

    def udev(pause_s: float) -> None:
        waits.append(pause_s)
        if len(waits) == 3:
            for name in ("period", "duty_cycle", "enable"):
                tree.file(7, name).parent.mkdir(exist_ok=True)
                tree.file(7, name).write_text("0\n", encoding="ascii")

    lamp = PwmLamp(PwmChannel(PinFunction.LEFT, "pwmchip0", 7), tree.root, udev)
    lamp.set(60)

    assert (len(waits), tree.duty_percent(7)) == (3, 60)


def test_a_chip_that_is_not_there_is_named_with_what_to_do(tree: PwmTree) -> None:
    with pytest.raises(PinLostError, match=r"pwmchip4.*dtoverlay=pwm-2chan"):
        lamps_of(replace(PINS, left="pwmchip4/0"), None, tree.root)


# --- lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", RIGS.values(), ids=RIGS)
def test_lamps_on_lines_are_on_or_off_and_say_so(make: type[Rig], clock: SteppingClock, tmp_path: Path) -> None:
    rig = make(clock)  # type: ignore[call-arg]
    keeper = LampKeeper(lamps_of(LINES, rig.bank, tmp_path), LIGHT, clock)

    said = [keeper.obey("LR 40"), keeper.obey("V 5"), keeper.obey("0 0")]
    keeper.obey("LV 60")
    levels = [rig.level(offset) for offset in (17, 27, 22)]
    keeper.dark()

    assert said == ["lit LR 100 5", "lit V 100 5", "lit 0 0 5"]
    assert levels == [True, True, True]  # the right one is active low, and dark
    assert [rig.level(offset) for offset in (17, 27, 22)] == [False, True, False]
    rig.bank.close()


# --- what it says --------------------------------------------------------------------------------------------------


def test_exactly_what_is_asked_for_shines(tree: PwmTree, clock: SteppingClock) -> None:
    keeper = keeper_of(tree, clock)
    tree.file(3, "enable").write_text("0\n", encoding="ascii")

    shone = []
    for line in ("L 40", "LRV 60", "R 1", "0 0"):
        keeper.obey(line)
        shone.append(tree.shining)

    assert shone == [{0: 40}, {0: 60, 1: 60, 2: 60}, {1: 1}, {}]


def test_a_request_above_what_an_eye_bears_is_capped_and_the_answer_says_so(tree: PwmTree, clock: SteppingClock) -> None:
    keeper = keeper_of(tree, clock, LightLimits(left_mw_sr=4000, right_mw_sr=4000))

    assert keeper.obey("LR 100") == "lit LR 25 5"
    assert (tree.duty_percent(0), tree.duty_percent(1)) == (25, 25)


def test_it_goes_dark_when_the_time_is_over_and_says_when(tree: PwmTree, clock: SteppingClock) -> None:
    keeper = keeper_of(tree, clock, replace(LIGHT, longest_on_ms=10_000, rest_ms=10_000))
    keeper.obey("L 60")
    left = keeper.left_s()

    clock.advance(9.9)
    early = keeper.cut_if_due()
    clock.advance(0.2)
    cut, shining = keeper.cut_if_due(), tree.duty_percent(0)

    assert (left, early, cut, shining) == (10.0, None, "cut 10100000005", 0)
    assert keeper.left_s() is None
    assert keeper.obey("L 60") == "rests L 10000 10100000005"
    assert keeper.cut_if_due() is None


@pytest.mark.parametrize(
    "line", ["", "L", "L 101", "RL 50", "X 50", "T 50", "L 50 extra", "LL 50", "L -5", "l 50", "0", " 50", "LR  50"]
)
def test_a_line_that_is_not_understood_makes_everything_dark(tree: PwmTree, clock: SteppingClock, line: str) -> None:
    keeper = keeper_of(tree, clock)
    keeper.obey("LR 60")

    assert keeper.obey(line).startswith("fault ")
    assert tree.shining == {3: 60}


def test_a_lamp_that_cannot_be_switched_makes_the_others_dark(clock: SteppingClock, tmp_path: Path) -> None:
    rig = GpiodRig(clock)
    keeper = LampKeeper(lamps_of(LINES, rig.bank, tmp_path), LIGHT, clock)
    keeper.obey("L 60")
    rig.kernel.lines[27].refuses = errno.EIO

    said = keeper.obey("LR 60")

    assert said.startswith("fault /dev/gpiochip0, line 27 (right): Input/output error")
    assert not rig.level(17)
    rig.kernel.lines[27].refuses = None
    rig.bank.close()


def test_a_keeper_that_cannot_go_dark_when_it_must_ends(clock: SteppingClock, tmp_path: Path) -> None:
    rig = GpiodRig(clock)
    keeper = LampKeeper(lamps_of(LINES, rig.bank, tmp_path), LIGHT, clock)
    keeper.obey("L 60")
    clock.advance(1_000)
    rig.kernel.lines[17].refuses = errno.EIO

    with pytest.raises(LampLostError, match="Input/output error"):
        keeper.cut_if_due()
    rig.kernel.lines[17].refuses = None


def test_all_lamps_are_tried_before_the_first_error_is_told(clock: SteppingClock, tmp_path: Path) -> None:
    rig = GpiodRig(clock)
    keeper = LampKeeper(lamps_of(LINES, rig.bank, tmp_path), LIGHT, clock)
    keeper.obey("LV 60")
    rig.kernel.lines[17].refuses = errno.EIO

    with pytest.raises(PinLostError, match="line 17"):
        keeper.dark()

    assert not rig.level(22)
    rig.kernel.lines[17].refuses = None


def test_lamps_of_unknown_or_too_great_strength_are_never_lit(tree: PwmTree, clock: SteppingClock) -> None:
    with pytest.raises(LampUnmeasuredError):
        keeper_of(tree, clock, LightLimits(left_mw_sr=500))
    with pytest.raises(LampTooStrongError):
        keeper_of(tree, clock, LightLimits(left_mw_sr=20_000, right_mw_sr=20_000, nearest_cm=1))

    assert tree.shining == {3: 60}


def test_an_order_survives_its_way_to_another_process(tree: PwmTree) -> None:
    told = replace(order(tree), lg_folder="/run/lifecert", light=replace(LIGHT, nearest_cm=25.5, rest_ms=7_000))

    assert KeeperOrder.from_json(told.to_json()) == told
