"""Terminal text: widths of Chinese and Latin letters, colours, the LED's dot. Plain where nobody looks at colours."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TextIO


class Colour(StrEnum):
    """The SGR numbers of a terminal (ECMA-48, 8.3.117)."""

    DIM = "2"
    BOLD = "1"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    BLUE = "34"
    CYAN = "36"


LED_COLOURS: Mapping[str, Colour] = {
    "OFF": Colour.DIM,
    "IDLE": Colour.DIM,
    "LOOK_HERE": Colour.YELLOW,
    "HOLD_STILL": Colour.BLUE,
    "DO_ACTION": Colour.CYAN,
    "DONE": Colour.GREEN,
    "REFUSED": Colour.RED,
    "FAULT": Colour.RED,
    "NO_NETWORK": Colour.YELLOW,
    "WAIT": Colour.DIM,
}
"""What the LED's patterns look like here."""


class Paint:
    """Colours text, or leaves it plain."""

    def __init__(self, stream: TextIO, no_colour: str) -> None:
        """Plain unless a person looks at the stream; any text in `no_colour` keeps it plain (no-color.org)."""
        self._coloured = stream.isatty() and not no_colour and os.name == "posix"

    def __call__(self, text: str, colour: Colour) -> str:
        """The text in this colour."""
        return f"\x1b[{colour.value}m{text}\x1b[0m" if self._coloured else text


def width(text: str) -> int:
    """Columns that a text takes on a terminal: Chinese letters take two (Unicode Standard Annex 11)."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, columns: int) -> str:
    """The text, filled with blanks up to so many columns."""
    return text + " " * (columns - width(text))


def fitted(text: str, columns: int) -> str:
    """The text in so many columns, and two blanks: filled with blanks, or cut off with an ellipsis."""
    kept = text
    while width(kept) > columns - 2:
        kept = kept.removesuffix("…")[:-1] + "…"
    return padded(kept, columns)


def table(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Lines in which the cells of each column stand below each other."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return tuple("  ".join(map(padded, row, widths)).rstrip() for row in rows)


def spoken_plainly(code: str) -> str:
    """A code of the screen as English words: `ASK_OPEN_MOUTH` reads `ask open mouth`."""
    return code.replace("_", " ").lower()
