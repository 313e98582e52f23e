"""What was lit is read back out of frames, and found in the code of the visit and in no other."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.session.light_code import UNSEEN, LightCode, LightReader, Stretch, Symbol
from tests.edge.session.test_light_code import SYMBOL_NS, code_of, many

CODE = code_of(b"nonce", "LR")
LENGTH = len(CODE.symbols)
FRAME_NS = SYMBOL_NS // 6

codes = st.binary(min_size=32, max_size=32).map(lambda nonce: code_of(nonce, "LR"))


def shown(words: Iterable[str], start: int = 0) -> list[Symbol]:
    """Symbols one after the other, as they are read off frames."""
    return [Symbol(word, number * SYMBOL_NS, (number + 1) * SYMBOL_NS - FRAME_NS) for number, word in enumerate(words, start)]


def read(code: LightCode, words: Sequence[str], unknown: int = 0) -> tuple[Symbol, ...]:
    """Symbols read off frames under these words; after each change the light of some frames is unknown."""
    reader, last, since = LightReader(code), "", 0
    for number in range(6 * len(words)):
        word = words[number // 6]
        since = since + 1 if word == last else 0
        reader.take(word if since >= unknown else "?", number * FRAME_NS)
        last = word
    return reader.symbols


@given(code=codes)
def test_a_whole_code_is_found(code: LightCode) -> None:
    found = code.find(shown(code.symbols))

    assert found == Stretch(tuple(shown(code.symbols)), tuple(range(len(code.symbols))))


@given(code=codes, missed=st.integers(0, UNSEEN))
def test_a_code_that_was_begun_a_few_symbols_late_is_found_at_its_place(code: LightCode, missed: int) -> None:
    found = code.find(shown(code.symbols[missed:]))

    assert found.places == tuple(range(missed, len(code.symbols)))
    assert len(found.symbols) >= code.needed


@pytest.mark.parametrize("code", [*many("LR", SYMBOL_NS // 3, 20), *many("L", count=5)])
def test_a_code_whose_beginning_was_not_seen_is_not_enough_however_long_the_rest_is(code: LightCode) -> None:
    assert len(code.find(shown(code.symbols[UNSEEN + 1 :])).symbols) < code.needed


@given(code=codes, before=st.lists(st.sampled_from(["0", "L", "R", "LR"]), max_size=5))
def test_whatever_shone_before_the_code_does_not_hide_it(code: LightCode, before: list[str]) -> None:
    found = code.find(shown([*before, *code.symbols]))

    assert found.symbols[-1] == shown(code.symbols, len(before))[-1]
    assert len(found.symbols) >= len(code.symbols)


@given(code=codes, gap=st.integers(1, 3), at=st.integers(3, LENGTH - 2))
def test_after_a_gap_of_unknown_light_the_symbols_are_found_at_their_places(code: LightCode, gap: int, at: int) -> None:
    whole = shown([*code.symbols, *code.symbols])
    places = [*range(at), *range(at + gap, 2 * LENGTH)]

    found = code.find([whole[place] for place in places])

    assert found.symbols == tuple(whole[place] for place in places)
    assert found.places == tuple(place % LENGTH for place in places)


@given(code=codes)
def test_a_code_that_was_played_twice_is_found_in_one_piece(code: LightCode) -> None:
    found = code.find(shown([*code.symbols, *code.symbols]))

    assert found.places == (*range(len(code.symbols)), *range(len(code.symbols)))


@given(code=codes, at=st.integers(3, LENGTH - 3))
def test_a_wrong_word_ends_what_was_found(code: LightCode, at: int) -> None:
    wrong = next(word for word in ("0", "L", "R", "LR") if word not in code.symbols[at - 1 : at + 2])

    found = code.find(shown([*code.symbols[:at], wrong, *code.symbols[at + 1 :]]))

    assert len(found.symbols) < code.needed


def test_a_code_is_not_found_in_the_light_of_another_nonce() -> None:
    others = many("LR", count=2000)

    found = [other for other in others if len(CODE.find(shown(other.symbols)).symbols) >= CODE.needed]

    assert found == []


def test_a_code_is_not_found_in_random_light() -> None:
    dice = random.Random(3)

    longest = max(len(CODE.find(shown(dice.choices("0LR", k=48))).symbols) for _ in range(200))

    assert longest < CODE.needed


def test_nothing_is_found_in_nothing() -> None:
    assert CODE.find([]) == Stretch()


def test_a_code_that_is_late_by_one_symbol_is_found_one_symbol_later() -> None:
    found = CODE.find(shown(CODE.symbols, start=1))

    assert [(symbol.begin_ns, place) for symbol, place in zip(found.symbols, found.places, strict=True)] == [
        ((place + 1) * SYMBOL_NS, place) for place in range(LENGTH)
    ]


@pytest.mark.parametrize("unknown", range(6))
def test_frames_whose_light_is_unknown_are_not_read(unknown: int) -> None:
    symbols = read(CODE, CODE.symbols, unknown)

    assert [symbol.word for symbol in symbols] == list(CODE.symbols)
    assert [symbol.begin_ns for symbol in symbols] == [(6 * number + unknown) * FRAME_NS for number in range(LENGTH)]
    assert CODE.find(symbols).places == tuple(range(LENGTH))


def test_a_reader_tells_when_the_light_has_changed() -> None:
    reader = LightReader(CODE)

    told = [reader.take(word, number) for number, word in enumerate(["L", "L", "?", "L", "R", "?", "0", "0", "V"])]

    assert told == [True, False, False, False, True, False, True, False, False]
    assert reader.symbols == (Symbol("L", 0, 3), Symbol("R", 4, 4), Symbol("0", 6, 8))


def test_lamps_that_take_no_part_are_not_read() -> None:
    with_white = [f"{word}V".replace("0", "") for word in CODE.symbols]

    assert read(CODE, with_white) == read(CODE, CODE.symbols)


@pytest.mark.parametrize("unknown", [0, 1])
@pytest.mark.parametrize("nonce", [b"one", b"two", b"three"])
def test_a_single_lamp_is_read_by_the_clock(nonce: bytes, unknown: int) -> None:
    code = code_of(nonce, "V")

    symbols = read(code, code.symbols, unknown)

    assert [symbol.word for symbol in symbols] == list(code.symbols)
    assert code.find(symbols).places == tuple(range(len(code.symbols)))


def test_another_code_of_a_single_lamp_is_not_found() -> None:
    code = code_of(b"nonce", "L")

    found = [other for other in many("L", count=60) if len(code.find(read(code, other.symbols)).symbols) >= code.needed]

    assert found == []


def test_a_reader_that_reads_for_ever_keeps_what_is_new() -> None:
    symbols = read(CODE, CODE.symbols * 5)

    assert len(symbols) <= 3 * LENGTH
    assert symbols[-1].end_ns == (5 * 6 * LENGTH - 1) * FRAME_NS
