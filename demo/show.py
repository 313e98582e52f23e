"""Tells live what happens on the unit, and the table at the end: Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from demo.proof import Proven, Seen
from demo.unit import Live
from demo.visits import Visit
from demo.words import LED_COLOURS, Colour, Paint, fitted, padded, spoken_plainly, table
from wire.result import SCALE, Likeness

DOT = "●"
CODE_COLUMNS = 18
SPOKEN_COLUMNS = 60
HEADINGS = (
    *("", "访客 visit", "结论 verdict", "原因 reasons", "相似度 likeness", "序号 seq", "账本 leaf"),
    *("验签 signature", "帧 frames", "CPU-ms/帧 frame"),
)


class Show:
    """Writes to one stream. The lines of a visit come one after the other; one visit at a time."""

    def __init__(self, stream: TextIO, paint: Paint) -> None:
        self._stream, self._paint = stream, paint
        self._pattern, self._code = "OFF", ""

    def say(self, text: str) -> None:
        """One line, at once."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def heading(self, zh: str, en: str) -> None:
        """Begin a part of the story."""
        self.say(f"\n{self._paint(f'{zh}  {en}', Colour.BOLD)}")

    def step(self, zh: str, en: str, detail: str = "") -> None:
        """Something of the preparation is done."""
        self.say(f"  {padded(zh, 16)}{padded(en, 22)}{self._paint(detail, Colour.DIM)}".rstrip())

    def arrive(self, visit: Visit, number: int, of: int) -> None:
        """A visitor sits down."""
        self._pattern, self._code = "OFF", ""
        self.heading(f"[{number}/{of}] {visit.zh}", visit.en)

    def live(self, live: Live) -> None:
        """LED, screen and voice are told in this order and make one line."""
        match live.part:
            case "led":
                self._pattern = live.what
            case "screen":
                self._code = live.what
            case "speaker":
                self._prompt(live)
            case _:
                return

    def end(self, seen: Seen) -> None:
        """How the visit ended, and what its frames cost."""
        outcome = seen.outcome
        verdict = self._paint(outcome.verdict.value, Colour.BOLD)
        cost = f"{outcome.frames} 帧 frames, {outcome.cpu_ms_per_frame:.1f} CPU-ms 每帧 each"
        self.say(f"  {'':8}{verdict}  {' '.join(outcome.reasons)}  {cost}  {self._mark(seen.as_planned)}")

    def table(self, proven: Sequence[Proven]) -> None:
        """Everything that was seen, row by row, and what to know about it."""
        self.heading("结果", "results")
        rows = [_cells(number, row) for number, row in enumerate(proven, 1)]
        for line in table([HEADINGS, *rows]):
            self.say(f"  {line}")
        self.say("")
        for number, row in enumerate(proven, 1):
            self.say(self._paint(f"  {number}  {_note(row)}", Colour.DIM))

    def verdict(self, good: bool, zh: str, en: str) -> None:
        """The last word."""
        self.say(f"\n{self._mark(good)} {zh}  {en}")

    def _prompt(self, live: Live) -> None:
        dot = self._paint(DOT, LED_COLOURS.get(self._pattern, Colour.DIM))
        spoken = live.what.partition(": ")[2]
        english = self._paint(spoken_plainly(self._code), Colour.DIM)
        self.say(f"  {live.after_s:5.1f} s {dot} {padded(self._pattern, CODE_COLUMNS)}{fitted(spoken, SPOKEN_COLUMNS)}{english}")

    def _mark(self, good: bool) -> str:
        return self._paint("✓", Colour.GREEN) if good else self._paint("✗", Colour.RED)


def _cells(number: int, proven: Proven) -> tuple[str, ...]:
    visit, outcome, row = proven.seen.visit, proven.seen.outcome, proven.row
    return (
        f"{'✓' if proven.seen.as_planned else '✗'} {number}",
        f"{visit.zh} {visit.en}",
        outcome.verdict.value,
        " ".join(outcome.reasons) or "-",
        _likeness(row.likeness),
        str(row.sequence),
        str(row.leaf),
        "✓ checked" if proven.verified else "✗ NOT RIGHT",
        str(outcome.frames),
        f"{outcome.cpu_ms_per_frame:.1f}",
    )


def _likeness(likeness: Likeness | None) -> str:
    if likeness is None:
        return "-"
    sign = "≥" if likeness.similarity >= likeness.threshold else "<"
    return f"{likeness.similarity / SCALE:.2f} {sign} {likeness.threshold / SCALE:.2f}"


def _note(proven: Proven) -> str:
    """What to know about a row: why it is here, or, when it went wrong, what was expected."""
    visit = proven.seen.visit
    if proven.seen.as_planned:
        return visit.remark
    return f"{visit.verdict.value} {visit.reason or ''}".strip() + " was expected"
