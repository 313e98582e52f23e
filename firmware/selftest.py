"""Tries each part of a board and says what it found, one sentence per part. It does not judge pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from firmware.board import Board
from firmware.errors import FirmwareError, PartSilentError
from firmware.frame import DARK, Light
from firmware.ports import LedPattern, Tune, View

FRAMES_TRIED = 3
_TEST_VIEW = View(code="SELF_TEST", title="Self-test", remedy="", language="en")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the trial of one part showed."""

    part: str
    ok: bool
    sentence: str
    error: FirmwareError | None = None
    """What the part raised; None where it works."""


def try_parts(board: Board) -> tuple[Finding, ...]:
    """Try camera, illuminator, LED, screen, speaker, button, buzzer, tamper switch and clock of an open board, in this order.

    Errors of this room become findings, and so does a part that is fitted but cannot be had. A part that nobody has fitted only
    remembers, and its finding is good. The LED and the light are off afterwards; a live camera takes up to five
    seconds to be found silent.
    """
    trials: dict[str, Callable[[Board], str]] = {
        "camera": _try_camera,
        "illuminator": _try_illuminator,
        "led": _try_led,
        "screen": _try_screen,
        "speaker": _try_speaker,
        "button": _try_button,
        "buzzer": _try_buzzer,
        "tamper": _try_tamper,
        "clock": _try_clock,
    }
    found = {part: _finding(part, trial, board) for part, trial in trials.items()}
    # What a part does in a thread of its own fails later than it is told; the slowest of them had the trials after it.
    return tuple(_with_fault(finding, board.faults()) for finding in found.values())


def _finding(part: str, trial: Callable[[Board], str], board: Board) -> Finding:
    try:
        return Finding(part, True, trial(board))
    except FirmwareError as error:
        return Finding(part, False, str(error), error)


def _with_fault(finding: Finding, faults: Mapping[str, FirmwareError]) -> Finding:
    fault = faults.get(finding.part)
    return finding if fault is None else Finding(finding.part, False, str(fault), fault)


def _try_camera(board: Board) -> str:
    frames = tuple(islice(board.camera.frames(), FRAMES_TRIED))
    if not frames:
        raise PartSilentError(board.camera.name, "no frame came")
    return f"{board.camera.name} delivers frames of {frames[0].width_px} x {frames[0].height_px} pixels."


def _try_illuminator(board: Board) -> str:
    try:
        board.illuminator.shine(Light.parse(board.lamps, 10))
    finally:
        board.illuminator.shine(DARK)
    return "The light was switched on and off."


def _try_led(board: Board) -> str:
    for pattern in LedPattern:
        board.led.show(pattern)
    board.led.show(LedPattern.OFF)
    return f"The status LED was told all {len(LedPattern)} patterns."


def _try_screen(board: Board) -> str:
    board.screen.show(_TEST_VIEW)
    return "The screen was given a view."


def _try_speaker(board: Board) -> str:
    board.speaker.say(_TEST_VIEW.title, _TEST_VIEW.language)
    return "The speaker was given a sentence."


def _try_button(board: Board) -> str:
    waiting = len(tuple(board.button.presses()))
    return f"The button answers; {waiting} presses were waiting."


def _try_buzzer(board: Board) -> str:
    board.buzzer.play(Tune.DONE)
    return "The buzzer was told a tune."


def _try_tamper(board: Board) -> str:
    if board.tamper.opened_since_ns() is not None:
        raise PartSilentError("tamper switch", "the housing is open, or the wire of its switch is cut")
    return "The housing is closed, or has no switch."


def _try_clock(board: Board) -> str:
    first_ns = board.clock.now_ns()
    if board.clock.now_ns() < first_ns:
        raise PartSilentError("clock", "it went back")
    return "The clock does not go back."
