"""The code of light that a nonce asks for: released word for word, evenly spread, and fit to be measured by."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest

from edge.session.light_code import CODE_BYTES, CODE_PURPOSE, LASTS_NS, STRETCH, UNSEEN, LightCode, light_code
from wire.derive import derived_bytes

SYMBOL_NS = 200_000_000
NONCES = 1000


def code_of(nonce: bytes, lamps: str, symbol_ns: int = SYMBOL_NS) -> LightCode:
    return light_code(derived_bytes(nonce, CODE_PURPOSE, CODE_BYTES), lamps, symbol_ns)


def many(lamps: str, symbol_ns: int = SYMBOL_NS, count: int = NONCES) -> list[LightCode]:
    """The codes of fixed nonces."""
    return [code_of(number.to_bytes(32, "big"), lamps, symbol_ns) for number in range(count)]


RELEASED = [
    (0, "LR", "L 0 R LR L R 0 L 0 LR L R L LR R LR"),
    (1, "LR", "R LR 0 L 0 LR R 0 L R 0 R 0 L R L"),
    (255, "LR", "R L LR R L 0 R 0 L LR L R LR L 0 L"),
    (0, "LRV", "L 0 R LR L R 0 L 0 LR L R L LR R LR"),
    (1, "LRV", "R LR 0 L 0 LR R 0 L R 0 R 0 L R L"),
    (0, "LRT", "T R L 0 R L T L T R 0 T 0 R LR 0"),
    (255, "LRT", "R 0 L 0 L LR 0 LR T L LR 0 L R 0 T"),
    (0, "L", "L 0 L 0 0 L L 0 L 0 L 0 0 L 0 L 0 L 0 L 0 L L 0 0 L 0 L L 0 0 L L 0 0 L L 0 0 L L 0 L 0 0 L L 0"),
    (255, "L", "0 L 0 L 0 L 0 L 0 L L 0 0 L L 0 L 0 L 0 L 0 0 L 0 L L 0 0 L 0 L 0 L 0 L 0 L 0 L L 0 0 L 0 L L 0"),
    (1, "V", "0 V V 0 V 0 0 V V 0 0 V 0 V 0 V 0 V 0 V V 0 V 0 V 0 0 V V 0 0 V 0 V 0 V V 0 0 V V 0 V 0 V 0 0 V"),
]


@pytest.mark.parametrize(("byte", "lamps", "words"), RELEASED)
def test_a_nonce_asks_for_the_same_light_for_ever(byte: int, lamps: str, words: str) -> None:
    """A released rule: a unit and whoever checks its results must find the same code."""
    assert code_of(bytes([byte]) * 32, lamps).symbols == tuple(words.split())


@pytest.mark.parametrize("lamps", ["LR", "LRT", "L"])
def test_shorter_symbols_give_more_words_and_the_first_ones_are_the_same(lamps: str) -> None:
    long, short = code_of(b"nonce", lamps), code_of(b"nonce", lamps, SYMBOL_NS // 5)

    assert short.symbols[: len(long.symbols)] == long.symbols
    assert len(short.symbols) % STRETCH == 0


@pytest.mark.parametrize("symbol_ns", [10_000_000, 33_333_333, SYMBOL_NS, 700_000_000])
@pytest.mark.parametrize("lamps", ["LR", "LRT", "V"])
def test_a_code_lasts_as_long_as_a_visitor_keeps_still(lamps: str, symbol_ns: int) -> None:
    code = code_of(b"nonce", lamps, symbol_ns)

    assert len(code.symbols) * symbol_ns >= LASTS_NS
    assert code.needed <= len(code.symbols)


def test_the_white_lamp_takes_no_part_unless_it_is_the_only_one() -> None:
    assert code_of(b"nonce", "LRV").lamps == "LR"
    assert code_of(b"nonce", "LV") == code_of(b"nonce", "L")
    assert code_of(b"nonce", "V").lamps == "V"


@pytest.mark.parametrize("lamps", ["LR", "LRT", "LT"])
def test_no_word_follows_itself_whatever_stretch_it_stands_in(lamps: str) -> None:
    codes = many(lamps, SYMBOL_NS // 4, 200)

    assert [code for code in codes if any(one == other for one, other in pairwise(code.symbols))] == []


@pytest.mark.parametrize(("lamps", "least"), [("LR", 3), ("LT", 3), ("LRT", 2)])
def test_each_stretch_holds_the_dark_and_each_single_lamp_often_enough(lamps: str, least: int) -> None:
    for code in many(lamps, SYMBOL_NS // 4, 200):
        for start in range(0, len(code.symbols), STRETCH):
            stretch = code.symbols[start : start + STRETCH]

            assert min(stretch.count(word) for word in ("0", *lamps)) >= least
            assert set(stretch) <= {"0", *lamps, lamps[:2]}


def test_a_single_lamp_changes_in_the_middle_of_each_bit() -> None:
    for code in many("L", count=200):
        assert len(code.symbols) == 3 * STRETCH
        assert all({one, other} == {"0", "L"} for one, other in zip(code.symbols[::2], code.symbols[1::2], strict=True))


@pytest.mark.parametrize("place", [0, 1, 7, STRETCH - 1])
@pytest.mark.parametrize("lamps", ["LR", "LRT"])
def test_at_any_place_the_dark_and_each_lamp_stand_equally_often(lamps: str, place: int) -> None:
    """A fair choice strays further than 4.5 standard deviations once in 150,000 runs; these nonces are fixed, so never."""
    counts = Counter(code.symbols[place] for code in many(lamps))
    single = [counts[word] for word in ("0", *lamps)]
    whole, share = sum(single), 1 / len(single)

    assert all(abs(count - whole * share) < 4.5 * math.sqrt(whole * share * (1 - share)) for count in single)
    assert 1.1 * whole * share > counts[lamps[:2]] > 0.7 * whole * share


def test_a_single_lamp_is_on_at_any_place_in_half_of_the_codes() -> None:
    codes = many("L")

    lit = [sum(code.symbols[place] == "L" for code in codes) for place in range(0, 3 * STRETCH, 2)]

    assert all(abs(count - NONCES / 2) < 4.5 * math.sqrt(NONCES / 4) for count in lit)


def test_who_knows_a_word_does_not_know_the_next() -> None:
    """Three words can follow; a guess is right hardly more often than once in three."""
    after = Counter(pair for code in many("LR") for pair in pairwise(code.symbols))

    for word in ("0", "L", "R", "LR"):
        following = [count for (first, _), count in after.items() if first == word]
        assert len(following) == 3
        assert max(following) < 0.38 * sum(following)


def test_no_two_nonces_ask_for_the_same() -> None:
    assert len({code.symbols for code in many("LR")}) == NONCES


def test_a_code_goes_on_and_on() -> None:
    code = code_of(b"nonce", "LR")
    length = len(code.symbols)

    assert [code.word_at(number * SYMBOL_NS) for number in range(2 * length)] == [*code.symbols, *code.symbols]
    assert code.word_at(SYMBOL_NS - 1) == code.symbols[0]


@pytest.mark.parametrize(("word", "coded"), [("LRV", "LR"), ("V", "0"), ("0", "0"), ("RT", "R"), ("?", "?")])
def test_lamps_that_take_no_part_are_left_out_of_a_word(word: str, coded: str) -> None:
    assert code_of(b"nonce", "LR").coded(word) == coded


@pytest.mark.parametrize(("lamps", "needed"), [("LR", STRETCH - UNSEEN), ("LRT", STRETCH - UNSEEN), ("L", 3 * STRETCH - UNSEEN)])
def test_a_single_lamp_must_be_seen_for_longer(lamps: str, needed: int) -> None:
    assert code_of(b"nonce", lamps).needed == needed
