"""A frame has the light under which its whole exposure lay, and no other; the exposure is held while the light changes."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import pytest

from firmware.board import STROBES, BoardKind, open_board
from firmware.errors import LightInvalidError
from firmware.fitted import Fitted
from firmware.frame import DARK, UNKNOWN_LIGHT, Frame, Light, frame_from_bgr
from firmware.light_log import LightLog
from firmware.lit_camera import LitCamera, LoggedIlluminator
from firmware.strobe import NO_STROBE
from firmware.twin.parts import Part, Recorder, RecordingIlluminator
from tests.firmware.builders import SteppingClock, plain

MS = 1_000_000
GUARD_NS = 4 * MS
LEFT, RIGHT, FACE = Light.parse("L", 60), Light.parse("R", 60), Light.parse("V", 60)


class _Camera:
    """Frames of given exposures; it remembers what is asked of its own."""

    name = "pi:0"

    def __init__(self, *exposures: tuple[int, int | None]) -> None:
        self._exposures = exposures
        self.asked: list[str] = []

    def frames(self) -> Iterator[Frame]:
        for sequence, (captured_ns, exposed_for_ns) in enumerate(self._exposures):
            made = frame_from_bgr(plain(50), captured_ns, sequence, UNKNOWN_LIGHT)
            yield Frame(made.bgr, made.luma, captured_ns, sequence, UNKNOWN_LIGHT, exposed_for_ns)

    def hold_exposure(self) -> None:
        self.asked.append("hold")

    def follow_light(self) -> None:
        self.asked.append("follow")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.asked.append("closed")


class _Desk:
    """Lamps, log and camera on one clock."""

    def __init__(self, *exposures: tuple[int, int | None], each_word_takes_ns: int = 0) -> None:
        self.clock, self.log, self.camera = SteppingClock(step_ns=each_word_takes_ns), LightLog(GUARD_NS), _Camera(*exposures)
        self.recorder = Recorder(SteppingClock())
        self.lamps = LoggedIlluminator(RecordingIlluminator(self.recorder), self.log, self.clock, self.camera)

    def lights(self) -> list[Light]:
        return [frame.light for frame in LitCamera(self.camera, self.log).frames()]


def test_a_frame_has_the_light_under_which_its_whole_exposure_lay() -> None:
    desk = _Desk(
        (0, 20 * MS), (90 * MS, 20 * MS), (104 * MS, 20 * MS), (175 * MS, 20 * MS), (190 * MS, 20 * MS), (205 * MS, 20 * MS)
    )
    desk.clock.advance(0.1)
    desk.lamps.shine(LEFT)
    desk.clock.advance(0.1)
    desk.lamps.shine(RIGHT)

    assert desk.lights() == [DARK, UNKNOWN_LIGHT, LEFT, LEFT, UNKNOWN_LIGHT, RIGHT]


def test_a_frame_that_does_not_tell_its_exposure_has_no_known_light() -> None:
    desk = _Desk((0, 20 * MS), (50 * MS, None))

    assert desk.lights() == [DARK, UNKNOWN_LIGHT]


def test_while_lamps_are_told_nobody_knows_the_light() -> None:
    desk = _Desk((0, 10 * MS), (60 * MS, 10 * MS), (200 * MS, 10 * MS), each_word_takes_ns=50 * MS)

    desk.lamps.shine(LEFT)  # The word is given at 50 ms and taken at 100 ms.

    assert desk.lights() == [DARK, UNKNOWN_LIGHT, LEFT]


def test_lamps_that_fail_leave_the_light_unknown_until_they_obey() -> None:
    desk = _Desk((200 * MS, 10 * MS), (400 * MS, 10 * MS))
    desk.clock.advance(0.1)

    with pytest.raises(LightInvalidError):
        desk.lamps.shine(UNKNOWN_LIGHT)
    failed = desk.lights()
    desk.clock.advance(0.2)
    desk.lamps.shine(LEFT)

    assert failed == [UNKNOWN_LIGHT, UNKNOWN_LIGHT]
    assert desk.lights() == [UNKNOWN_LIGHT, LEFT]


def test_lamps_shine_as_told_and_the_same_word_again_changes_nothing() -> None:
    desk = _Desk((50 * MS, 60 * MS))
    desk.lamps.shine(LEFT)
    desk.clock.advance(0.08)
    desk.lamps.shine(LEFT)
    desk.clock.advance(0.1)
    desk.lamps.off()

    assert desk.recorder.of(Part.ILLUMINATOR) == ("L 60", "L 60", "0 0")
    assert desk.lights() == [LEFT]


class _KnowingLamps:
    """Lamps that give a third of what they are asked for and tell the log so, 5 ms after the word."""

    def __init__(self, log: LightLog, clock: SteppingClock) -> None:
        self._log, self._clock = log, clock

    def shine(self, light: Light) -> None:
        self._clock.advance(0.005)
        self._log.switched(Light(light.word, light.duty_percent // 3), self._clock.now_ns())

    def off(self) -> None:
        self.shine(DARK)

    def tire(self) -> None:
        """Go dark without a word of anybody."""
        self._log.switched(DARK, self._clock.now_ns())


def test_a_frame_has_the_light_that_its_lamps_say_they_gave_and_none_once_they_went_dark_by_themselves() -> None:
    desk = _Desk((200 * MS, 10 * MS), (250 * MS, 100 * MS), (500 * MS, 10 * MS), (700 * MS, 10 * MS))
    knowing = _KnowingLamps(desk.log, desk.clock)
    lamps = LoggedIlluminator(knowing, desk.log, desk.clock, desk.camera)

    desk.clock.advance(0.1)
    lamps.shine(LEFT)
    desk.clock.advance(0.2)
    lamps.shine(LEFT)  # At 305 ms: it is the same light, so nothing is unknown.
    desk.clock.advance(0.1)
    knowing.tire()
    desk.clock.advance(0.2)
    lamps.shine(LEFT)

    assert desk.lights() == [Light("L", 20), Light("L", 20), DARK, Light("L", 20)]


def test_another_strength_of_the_same_lamps_is_another_light() -> None:
    desk = _Desk((50 * MS, 10 * MS), (150 * MS, 10 * MS), each_word_takes_ns=0)

    desk.lamps.shine(LEFT)
    desk.clock.advance(0.1)
    desk.lamps.shine(Light.parse("L", 30))

    assert desk.lights() == [LEFT, Light.parse("L", 30)]


def test_the_exposure_is_held_from_the_first_change_of_a_light_until_the_lamps_are_off() -> None:
    desk = _Desk()

    desk.lamps.shine(FACE)
    desk.lamps.shine(FACE)
    steady = list(desk.camera.asked)
    desk.lamps.shine(LEFT)
    desk.lamps.shine(DARK)
    coded = list(desk.camera.asked)
    desk.lamps.off()
    desk.lamps.shine(FACE)

    assert steady == []
    assert coded == ["hold", "hold"]
    assert desk.camera.asked == ["hold", "hold", "follow"]


def test_it_is_closed_and_called_like_the_camera_within() -> None:
    desk = _Desk()

    with LitCamera(desk.camera, desk.log) as camera:
        name = camera.name

    assert (name, desk.camera.asked) == ("pi:0", ["closed"])


@pytest.mark.parametrize(
    ("word", "known"), [("pi", True), ("pi:1", True), ("apart:pi:0", True), ("jetson", False), ("usb:0", False)]
)
def test_a_board_knows_the_light_of_real_lamps_where_its_camera_tells_exposures(
    word: str, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera, lamps = _Camera((10**18, 20 * MS)), RecordingIlluminator(Recorder(SteppingClock()))
    monkeypatch.setattr("firmware.board.open_camera", lambda *_, **__: camera)

    with open_board(BoardKind.PI, word, Recorder(SteppingClock()), fittings=Fitted(lamps)) as board:
        board.illuminator.shine(LEFT)
        (frame,) = board.camera.frames()

    assert frame.light == (LEFT if known else UNKNOWN_LIGHT)
    assert board.strobe == (STROBES[BoardKind.PI] if known else NO_STROBE)
    assert camera.asked == (["follow", "closed"] if known else ["closed"])


def test_without_lamps_a_board_knows_no_light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware.board.open_camera", lambda *_, **__: _Camera((0, 20 * MS)))

    with open_board(BoardKind.PI, "pi", Recorder(SteppingClock()), fittings=Fitted()) as board:
        (frame,) = board.camera.frames()

    assert (frame.light, board.strobe) == (UNKNOWN_LIGHT, NO_STROBE)
