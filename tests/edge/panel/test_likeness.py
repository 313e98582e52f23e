"""Two pictures of the page are told apart where they show something else, also where a screen is looked at with nobody there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.boot.same_page import compare
from tests.edge.panel.album import PICTURES, place_of

FIRST = (*place_of(0), 240, 144)
"""Where the first picture of a sheet lies, 800x480 made small."""


def kept(state: str, folder: Path) -> Path:
    """A picture of a state that somebody has looked at."""
    place = folder / f"{state}.png"
    Image.open(PICTURES / f"{state}.png").convert("RGB").crop(FIRST).save(place)
    return place


def test_a_picture_shows_the_same_as_itself_somewhat_darker(tmp_path: Path) -> None:
    idle = kept("idle", tmp_path)
    Image.open(idle).point(lambda value: value * 0.9).save(tmp_path / "darker.png")

    assert compare(idle, tmp_path / "darker.png") == (True, "0.00% of the pixels differ")


@pytest.mark.parametrize("other", ["gone", "fault", "starting", "consent"])
def test_another_state_of_the_page_is_another_picture(other: str, tmp_path: Path) -> None:
    assert not compare(kept("idle", tmp_path), kept(other, tmp_path))[0]


def test_a_black_screen_and_one_of_another_size_are_not_the_page(tmp_path: Path) -> None:
    idle = kept("idle", tmp_path)
    for name, size in (("black", (240, 144)), ("small", (240, 100))):
        Image.new("RGB", size).save(tmp_path / f"{name}.png")

    assert not compare(idle, tmp_path / "black.png")[0]
    assert compare(idle, tmp_path / "small.png") == (False, "one is (240, 144), the other (240, 100)")
