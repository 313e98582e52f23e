"""The twin's parts remember every call with its time; pace and slot keep their promises."""

import threading
from itertools import islice
from pathlib import Path

import pytest

from firmware.board import open_camera
from firmware.errors import CameraClosedError
from firmware.frame import DARK, Light
from firmware.ports import LedPattern, View
from firmware.slot import NewestSlot
from firmware.twin.pace import Pace
from firmware.twin.parts import (
    MAX_HAPPENINGS,
    Happening,
    Part,
    Recorder,
    RecordingButton,
    RecordingIlluminator,
    RecordingLed,
    RecordingScreen,
    RecordingSpeaker,
)
from tests.firmware.builders import PERIOD_NS, SteppingClock, write_grey_clip


def test_all_parts_write_into_one_list_with_the_time_of_the_clock() -> None:
    clock = SteppingClock()
    recorder = Recorder(clock)

    RecordingLed(recorder).show(LedPattern.LOOK_HERE)
    clock.advance(1)
    RecordingIlluminator(recorder).shine(Light.parse("L", 30))
    clock.advance(1)
    RecordingScreen(recorder).show(View("ASK_BLINK", "Please blink", "", "en"))
    RecordingSpeaker(recorder).say("Please blink", "en")
    RecordingButton(recorder).press()

    assert recorder.happenings == (
        Happening(0, Part.LED, "LOOK_HERE"),
        Happening(1_000_000_000, Part.ILLUMINATOR, "L 30"),
        Happening(2_000_000_000, Part.SCREEN, "ASK_BLINK"),
        Happening(2_000_000_000, Part.SPEAKER, "en: Please blink"),
        Happening(2_000_000_000, Part.BUTTON, "press"),
    )


def test_a_listener_hears_each_happening_as_it_happens() -> None:
    heard: list[Happening] = []
    recorder = Recorder(SteppingClock(), heard.append)

    RecordingLed(recorder).show(LedPattern.DONE)

    assert heard == [Happening(0, Part.LED, "DONE")]
    assert tuple(heard) == recorder.happenings


def test_a_listener_may_look_at_what_happened() -> None:
    seen: list[int] = []
    recorder = Recorder(SteppingClock(), lambda _happening: seen.append(len(recorder.happenings)))

    RecordingLed(recorder).show(LedPattern.DONE)

    assert seen == [1]


def test_a_unit_that_runs_for_weeks_does_not_fill_its_memory() -> None:
    recorder = Recorder(SteppingClock(step_ns=1))

    for _ in range(MAX_HAPPENINGS + 5):
        recorder.note(Part.LED, LedPattern.IDLE)

    assert len(recorder.happenings) == MAX_HAPPENINGS
    assert recorder.happenings[-1].at_ns == MAX_HAPPENINGS + 5


def test_parts_know_what_they_show_now() -> None:
    recorder = Recorder(SteppingClock())
    led, light, screen = RecordingLed(recorder), RecordingIlluminator(recorder), RecordingScreen(recorder)
    blank = screen.word()

    led.show(LedPattern.FAULT)
    light.shine(Light.parse("V"))
    screen.show(View("LOOK_HERE", "Look here", "", "en"))

    assert blank == ""
    assert (led.pattern, light.light, screen.word()) == (LedPattern.FAULT, Light.parse("V"), "LOOK_HERE")
    light.off()
    assert light.light == DARK


def test_in_real_time_a_frame_waits_for_its_time(tmp_path: Path) -> None:
    clip = write_grey_clip(tmp_path / "a.avi", [50] * 5)
    clock = SteppingClock(7_000_000_000)
    camera = open_camera(f"clip:{clip}", pace=Pace.REAL_TIME, clock=clock, sleep=clock.advance)

    waited_ns = [clock.now_ns() - 7_000_000_000 for _frame in camera.frames()]

    assert waited_ns == [number * PERIOD_NS for number in range(5)]


def test_in_real_time_a_late_consumer_is_not_held_up_further(tmp_path: Path) -> None:
    clip = write_grey_clip(tmp_path / "a.avi", [50] * 5)
    clock = SteppingClock()
    frames = open_camera(f"clip:{clip}", pace=Pace.REAL_TIME, clock=clock, sleep=clock.advance).frames()
    next(frames)

    clock.advance(1)
    rest = list(frames)

    assert len(rest) == 4
    assert clock.now_ns() == 1_000_000_000


def test_by_default_a_replay_does_not_wait(tmp_path: Path) -> None:
    clip = write_grey_clip(tmp_path / "a.avi", [50] * 5)
    slept: list[float] = []

    frames = list(islice(open_camera(f"clip:{clip}", sleep=slept.append).frames(), 5))

    assert len(frames) == 5
    assert slept == []


def test_the_newest_item_wins_and_is_taken_once() -> None:
    slot: NewestSlot[int] = NewestSlot()

    slot.put(1)
    slot.put(2)

    assert slot.take(0) == 2
    assert slot.take(0) is None


def test_an_item_wakes_the_one_who_waits() -> None:
    slot: NewestSlot[int] = NewestSlot()
    threading.Thread(target=slot.put, args=(5,)).start()

    assert slot.take(10) == 5


def test_a_closed_slot_turns_everyone_away() -> None:
    slot: NewestSlot[int] = NewestSlot()
    slot.put(1)

    slot.close()

    with pytest.raises(CameraClosedError):
        slot.take(10)
