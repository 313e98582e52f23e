"""Lamps are named in one order, and a light lasts as many frames as its board needs to be sure of it."""

import pytest

from firmware.errors import LampsUnknownError
from firmware.strobe import NO_STROBE, Strobe, read_lamps


@pytest.mark.parametrize("word", ["L", "R", "V", "T", "LR", "LRV", "LRVT", "RT"])
def test_lamps_in_their_order_are_understood(word: str) -> None:
    assert read_lamps(word) == word


@pytest.mark.parametrize("word", ["", "RL", "LL", "LRLR", "X", "LX", "lr", "0", "?", "L R", "LR\n"])
def test_any_other_word_is_refused(word: str) -> None:
    with pytest.raises(LampsUnknownError, match="each once and in this order") as caught:
        read_lamps(word)

    assert caught.value.word == word


@pytest.mark.parametrize(
    ("frames_per_second", "symbol_frames", "symbol_ns"), [(30.0, 6, 200_000_000), (30.0, 1, 33_333_333), (60.0, 8, 133_333_333)]
)
def test_a_light_lasts_its_number_of_frames(frames_per_second: float, symbol_frames: int, symbol_ns: int) -> None:
    assert Strobe("LR", frames_per_second, symbol_frames).symbol_ns == symbol_ns


def test_a_board_whose_light_nobody_knows_has_no_lamps() -> None:
    assert NO_STROBE.lamps == ""
