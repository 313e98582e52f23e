"""Pictures of the page: made small, put on one sheet for each state, and compared with those that somebody has looked at."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.edge.panel.likeness import MOST_DIFFERENT, SMALL_PX, different

PICTURES = Path(__file__).with_name("pictures")
SIZES = ((800, 480), (1024, 600), (1920, 1080), (1080, 1920))
_COLOURS = 48


def drawn_visitor(width: int = 320) -> bytes:
    """A test pattern where a visitor would be: two ovals, and nobody's face."""
    picture = Image.new("RGB", (width, 240), (112, 134, 128))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((50, 170, 270, 310), fill=(70, 90, 110))
    draw.ellipse((114, 58, 206, 178), fill=(205, 175, 150))
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=85)
    return content.getvalue()


def sheet_of(pictures: Sequence[Image.Image]) -> Image.Image:
    """Small pictures beside each other, in rows of four."""
    rows = -(-len(pictures) // len(SIZES))
    sheet = Image.new("RGB", (len(SIZES) * SMALL_PX, rows * SMALL_PX), "white")
    for at, picture in enumerate(pictures):
        sheet.paste(picture, place_of(at))
    return sheet


def place_of(at: int) -> tuple[int, int]:
    """Where a picture lies on its sheet."""
    return at % len(SIZES) * SMALL_PX, at // len(SIZES) * SMALL_PX


def compare(name: str, pictures: Sequence[Image.Image], left_in: Path) -> None:
    """Fail unless each picture looks as it did; the new sheet is left where the message says, to be looked at and kept."""
    reference, new = PICTURES / f"{name}.png", Path(os.environ.get("LIFECERT_PICTURES", left_in)) / f"{name}.png"
    sheet = sheet_of(pictures)
    old = Image.open(reference).convert("RGB") if reference.exists() else Image.new("RGB", sheet.size, "black")
    shares = [different(old, picture, place_of(at)) for at, picture in enumerate(pictures)]
    if max(shares) > MOST_DIFFERENT or old.size != sheet.size:
        sheet.quantize(_COLOURS, dither=Image.Dither.NONE).save(new, optimize=True)
        told = ", ".join(f"{share:.2%}" for share in shares)
        pytest.fail(f"{name} looks another way than {reference}: {told} of its pixels; look at {new}, and keep it if it is right")
