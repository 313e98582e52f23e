"""The picture and the table of the LED's patterns for people, made from `firmware.led_language`.

A test compares them with `docs/pictures/led.svg` and `docs/led.md`; `python -m firmware.led_picture` writes both anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from xml.sax.saxutils import escape

from firmware.led_language import AMBER, BLACK, BLUE, GREEN, LANGUAGE, RED, WHITE, Colour
from firmware.ports import LedPattern

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURE, PAGE = DOCS / "pictures" / "led.svg", DOCS / "led.md"
SHOWN_MS = 8_000
LEFT_PX, WIDTH_PX, ROW_PX, TOP_PX = 190, 640, 44, 46

PAINT = {RED: "#d62a1e", AMBER: "#f0a30a", GREEN: "#1e9e48", BLUE: "#2a6fd6", WHITE: "#fdfdf4"}
NAMES = {BLACK: "dark", RED: "red", AMBER: "amber", GREEN: "green", BLUE: "blue", WHITE: "white"}


def flashes_of(pattern: LedPattern) -> Iterator[tuple[int, int]]:
    """Begin and end of each light within the time that is drawn, in ms."""
    signal = LANGUAGE[pattern]
    if not signal.colour:
        return
    if not signal.rhythm_ms:
        yield 0, SHOWN_MS
        return
    cycles = -(-SHOWN_MS // signal.cycle_ms)
    edges = [0, *accumulate(signal.rhythm_ms * cycles)]
    for begin, end in zip(edges[::2], edges[1::2], strict=False):
        if begin < SHOWN_MS:
            yield begin, min(end, SHOWN_MS)


def draw_language() -> str:
    """The picture as SVG: time runs to the right, a bar is light."""
    height = TOP_PX + ROW_PX * len(LANGUAGE) + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT_PX + WIDTH_PX + 20} {height}" font-family="sans-serif">',
        f'<rect width="{LEFT_PX + WIDTH_PX + 20}" height="{height}" fill="#30343a"/>',
    ]
    for second in range(SHOWN_MS // 1000 + 1):
        x = LEFT_PX + second * 1000 * WIDTH_PX // SHOWN_MS
        lines.append(f'<line x1="{x}" y1="{TOP_PX - 8}" x2="{x}" y2="{height - 10}" stroke="#565c64"/>')
        lines.append(f'<text x="{x}" y="{TOP_PX - 16}" font-size="13" fill="#c8ccd2" text-anchor="middle">{second} s</text>')
    for row, (pattern, signal) in enumerate(LANGUAGE.items()):
        y = TOP_PX + row * ROW_PX
        lines.append(f'<text x="12" y="{y + 18}" font-size="15" fill="#fff">{pattern.value}</text>')
        lines.append(f'<text x="12" y="{y + 34}" font-size="12" fill="#c8ccd2">{NAMES[signal.colour]}</text>')
        lines.append(f'<line x1="{LEFT_PX}" y1="{y + 34}" x2="{LEFT_PX + WIDTH_PX}" y2="{y + 34}" stroke="#8a9098"/>')
        lines += [_bar(begin, end, y, signal.colour) for begin, end in flashes_of(pattern)]
    return "\n".join([*lines, "</svg>", ""])


def _bar(begin_ms: int, end_ms: int, y: int, colour: Colour) -> str:
    x, width = LEFT_PX + begin_ms * WIDTH_PX // SHOWN_MS, (end_ms - begin_ms) * WIDTH_PX // SHOWN_MS
    return f'<rect x="{x}" y="{y + 8}" width="{width}" height="26" fill="{PAINT[colour]}"/>'


def language_table() -> str:
    """The table as Markdown."""
    lines = ["| pattern | colour | on and off, ms | says |", "| --- | --- | --- | --- |"]
    for pattern, signal in LANGUAGE.items():
        rhythm = " ".join(map(str, signal.rhythm_ms)) or ("steady" if signal.colour else "off")
        lines.append(f"| `{pattern.value}` | {NAMES[signal.colour]} | {rhythm} | {escape(signal.meaning)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write picture and table anew."""
    PICTURE.write_text(draw_language(), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(r"\| pattern \|.*?\n\n", lambda _: language_table() + "\n", page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
