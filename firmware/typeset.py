"""Sets a view for a small screen: as large as it fits, never cut, on as many pages as it needs. Knows Pillow, but no screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from firmware.errors import FontMissingError
from firmware.icons import Ink, icon_of
from firmware.ports import View

FONTS = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/unifont/unifont.otf"),
)
"""Where Debian keeps the fonts of its packages fonts-wqy-microhei, fonts-wqy-zenhei, fonts-noto-cjk and fonts-unifont."""
PROBE, NOBODYS = "请", "\U0010fffe"
"""A character that every visitor must be able to read, and one that no font has."""

TOKEN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]|[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]+|\s+")
NEVER_FIRST = frozenset("，。、！？：；）」』”’…%")
"""Marks that do not begin a line (GB/T 15834, 5.1.4)."""


class Typeface:
    """One font in all sizes; widths are measured, not guessed."""

    def __init__(self, path: Path) -> None:
        """Raises FontMissingError where the file is no font, or one without Chinese characters."""
        self._path = path
        self.at = lru_cache(maxsize=32)(self._load)
        self.width_px = lru_cache(maxsize=8192)(self._measure)
        font = self.at(24)
        if bytes(font.getmask(PROBE)) == bytes(font.getmask(NOBODYS)):
            raise FontMissingError(f"{path} has none")

    def _load(self, size_px: int) -> ImageFont.FreeTypeFont:
        try:
            return ImageFont.truetype(str(self._path), size_px)
        except OSError as error:
            raise FontMissingError(f"{self._path} cannot be read as a font") from error

    def _measure(self, text: str, size_px: int) -> float:
        """How wide a text is."""
        return self.at(size_px).getlength(text)

    def height_px(self, size_px: int) -> int:
        """How high a line is, with the space between lines."""
        return sum(self.at(size_px).getmetrics())


def find_typeface(named: Path | None, known: Sequence[Path] = FONTS) -> Typeface:
    """The font that was named, else the first of the known ones that is there. Raises FontMissingError."""
    if named is not None:
        return Typeface(named)
    for path in known:
        if path.is_file():
            return Typeface(path)
    raise FontMissingError(f"looked for {', '.join(path.name for path in known)}")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one size."""

    lines: tuple[str, ...]
    size_px: int


@dataclass(frozen=True)
class Paper:
    """What is set on: the size of a screen and its font."""

    width_px: int
    height_px: int
    face: Typeface

    @cached_property
    def margin_px(self) -> int:
        """Around everything."""
        return max(2, self.width_px // 40)

    @property
    def small(self) -> bool:
        """Whether one thing at a time is all there is room for."""
        return self.height_px < 128

    def block(self, text: str, width_px: int, height_px: int, smallest_px: int) -> Block | None:
        """The text as large as it fits, in lines of about the same length; None where it does not fit even at the smallest."""
        for size_px in range(self.largest_px, smallest_px - 1, -2):
            lines = self._lines(text, width_px, size_px)
            if lines and len(lines) * self.face.height_px(size_px) <= height_px:
                return Block(self._balanced(text, width_px, size_px, len(lines)), size_px)
        return None

    @property
    def largest_px(self) -> int:
        """A character this large is read from two metres on a screen of this size."""
        return min(64, self.height_px // 2)

    @property
    def smallest_px(self) -> int:
        """No character is smaller than this."""
        return 14 if self.small else 24

    def split(self, text: str, width_px: int, height_px: int) -> list[Block]:
        """The text on as many pages as it needs, at the smallest size. A word that is wider than the screen is broken."""
        lines = self._lines(text, width_px, self.smallest_px) or self._broken(text, width_px)
        each = max(1, height_px // self.face.height_px(self.smallest_px))
        return [Block(tuple(lines[at : at + each]), self.smallest_px) for at in range(0, len(lines), each)]

    def _lines(self, text: str, width_px: float, size_px: int) -> list[str]:
        """The text in lines; empty where a word is wider than a line."""
        lines, line, line_px = [], "", 0.0
        for word in words_of(text):
            bare_px = self.face.width_px(word.rstrip(), size_px)
            if bare_px > width_px:
                return []
            if line and line_px + bare_px > width_px:
                lines.append(line.rstrip())
                line, line_px = "", 0.0
            line += word
            line_px += self.face.width_px(word, size_px)
        return [*lines, line.rstrip()] if line.strip() else lines

    def _balanced(self, text: str, width_px: int, size_px: int, count: int) -> tuple[str, ...]:
        """The same number of lines, on the narrowest column that gives no more: no lonely character on the last one."""
        for narrower_px in range(size_px, width_px, max(1, size_px // 4)):
            lines = self._lines(text, narrower_px, size_px)
            if lines and len(lines) == count:
                return tuple(lines)
        return tuple(self._lines(text, width_px, size_px))

    def _broken(self, text: str, width_px: int) -> list[str]:
        lines, line_px = [""], 0.0
        for letter in text:
            letter_px = self.face.width_px(letter, self.smallest_px)
            if lines[-1] and line_px + letter_px > width_px:
                lines.append("")
                line_px = 0.0
            lines[-1] += letter
            line_px += letter_px
        return lines


@lru_cache(maxsize=256)
def words_of(text: str) -> tuple[str, ...]:
    """What may not be torn apart: words with the space behind them, and Chinese characters with the marks that follow them."""
    words: list[str] = []
    for token in TOKEN.findall(text):
        if words and (token.isspace() or token in NEVER_FIRST):
            words[-1] += token
        else:
            words.append(token)
    return tuple(words)


@dataclass(frozen=True, slots=True)
class Page:
    """One screenful: an icon, the cause, the remedy; each may be missing."""

    code: str | None
    """Of the view, for its icon."""
    blocks: tuple[Block, ...]


def pages_of(view: View, paper: Paper) -> tuple[Page, ...]:
    """A view on one page where that can be read, else cause and remedy after each other."""
    if paper.small:
        return _small_pages(view, paper)
    width, height = paper.width_px - 2 * paper.margin_px, paper.height_px - 2 * paper.margin_px
    below_icon = height - icon_px(paper) - paper.margin_px
    if not view.remedy:
        block = paper.block(view.title, width, below_icon, paper.smallest_px)
        if block:
            return (Page(view.code, (block,)),)
    title = paper.block(view.title, width, below_icon * 6 // 10, paper.smallest_px)
    remedy = paper.block(view.remedy, width, below_icon * 4 // 10, paper.smallest_px) if view.remedy else None
    if title and remedy:
        return (Page(view.code, (title, Block(remedy.lines, min(remedy.size_px, title.size_px)))),)
    return (*_alone(view.code, view.title, paper), *(_alone(None, view.remedy, paper) if view.remedy else ()))


def _alone(code: str | None, text: str, paper: Paper) -> tuple[Page, ...]:
    """A text that has the screen for itself."""
    width, height = paper.width_px - 2 * paper.margin_px, paper.height_px - 2 * paper.margin_px
    if code is not None:
        height -= icon_px(paper) + paper.margin_px
    block = paper.block(text, width, height, paper.smallest_px)
    blocks = [block] if block else paper.split(text, width, height)
    return tuple(Page(code, (each,)) for each in blocks)


def _small_pages(view: View, paper: Paper) -> tuple[Page, ...]:
    """The icon stands beside the cause; the remedy has pages of its own."""
    beside = paper.width_px - 3 * paper.margin_px - icon_px(paper)
    whole, height = paper.width_px - 2 * paper.margin_px, paper.height_px - 2 * paper.margin_px
    pages = []
    for code, text, width in ((view.code, view.title, beside), (None, view.remedy, whole)):
        if text:
            block = paper.block(text, width, height, paper.smallest_px)
            pages += [Page(code, (each,)) for each in ([block] if block else paper.split(text, width, height))]
    return tuple(pages)


def icon_px(paper: Paper) -> int:
    """Width and height of the icon."""
    return paper.height_px * 3 // 8 if paper.small else paper.height_px * 26 // 100


def draw_page(page: Page, paper: Paper, mode: str, done: float = 0.0) -> Image.Image:
    """The picture of a page, in the mode of the screen: "RGB" (white and yellow on black), or "1"; `done` is the bar, 0 to 1."""
    image = Image.new(mode, (paper.width_px, paper.height_px))
    draw = ImageDraw.Draw(image)
    inks: tuple[Ink, Ink] = ("white", "#ffd84a") if mode == "RGB" else (1, 1)
    size, margin = icon_px(paper), paper.margin_px
    left, top = margin, margin
    if page.code is not None:
        corner = (margin, (paper.height_px - size) // 2) if paper.small else ((paper.width_px - size) // 2, margin)
        icon_of(page.code)(draw, corner, size, inks[1])
        left, top = (2 * margin + size, margin) if paper.small else (margin, 2 * margin + size)
    _draw_blocks(draw, page.blocks, paper, (left, top), inks)
    if done > 0:
        foot = paper.height_px - 1
        draw.rectangle((0, foot - margin // 3, round(min(done, 1.0) * paper.width_px) - 1, foot), fill=inks[1])
    return image


def _draw_blocks(
    draw: ImageDraw.ImageDraw, blocks: Sequence[Block], paper: Paper, corner: tuple[int, int], inks: tuple[Ink, Ink]
) -> None:
    height = sum(len(block.lines) * paper.face.height_px(block.size_px) for block in blocks)
    room = paper.height_px - paper.margin_px - corner[1]
    gap = max(0, room - height) // (len(blocks) + 1)
    middle, top = (corner[0] + paper.width_px - paper.margin_px) / 2, corner[1] + gap
    for number, block in enumerate(blocks):
        for line in block.lines:
            line_px = paper.face.height_px(block.size_px)
            draw.text((middle, top + line_px / 2), line, inks[min(number, 1)], paper.face.at(block.size_px), anchor="mm")
            top += line_px
        top += gap
