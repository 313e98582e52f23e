"""Bytes become choices without favour, and never more choices than there are bytes."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.session.even_choices import EvenChoices


@pytest.mark.parametrize("limit", range(1, 257))
def test_of_all_bytes_there_are_each_number_gets_as_many(limit: int) -> None:
    choices = EvenChoices(bytes(range(256)))

    drawn = Counter(choices.below(limit) for _ in range(256 // limit * limit))

    assert drawn == dict.fromkeys(range(limit), 256 // limit)


@given(stream=st.binary(max_size=60), limit=st.integers(1, 256))
def test_bytes_that_are_used_up_give_no_choice(stream: bytes, limit: int) -> None:
    choices = EvenChoices(stream)
    for _ in range(sum(byte < 256 - 256 % limit for byte in stream)):
        choices.below(limit)

    with pytest.raises(StopIteration):
        choices.below(limit)


def test_a_byte_that_would_favour_the_low_numbers_is_passed_over() -> None:
    assert EvenChoices(bytes([255, 254, 7])).below(3) == 254 % 3
    assert EvenChoices(bytes([255, 252, 7])).below(50) == 7


@given(stream=st.binary(min_size=40, max_size=40))
def test_the_same_bytes_choose_the_same(stream: bytes) -> None:
    words = ["one", "two", "three", "four", "five"]

    one, other = EvenChoices(stream), EvenChoices(stream)

    assert [one.pick(words) for _ in range(20)] == [words[other.below(5)] for _ in range(20)]
