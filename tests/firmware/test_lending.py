"""Memory that is lent comes back once, when the last array that looks into it is gone, and never before."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest

from firmware.lending import Lender, Pixels


def _buffer(level: int) -> Pixels:
    return np.full((4, 6), level, dtype=np.uint8)


def test_a_buffer_comes_back_when_the_last_view_of_it_is_gone() -> None:
    lender, back = Lender(1), list[str]()
    colour, luma = lender.lend([_buffer(1), _buffer(2)], lambda: back.append("back"))
    view = luma[1:3, ::2]
    flat = np.asarray(view).reshape(-1)[:2]

    del colour, luma
    assert (back, lender.out) == ([], 1)
    del view
    deeper = flat[:1].view()
    del flat
    told = list(back)
    del deeper

    assert told in ([], ["back"])
    assert (back, lender.out) == (["back"], 0)


def test_what_is_lent_is_the_very_memory_and_cannot_be_written_to() -> None:
    buffer = _buffer(7)
    (lent,) = Lender(1).lend([buffer], list)

    buffer[0, 0] = 9

    assert lent[0, 0] == 9
    assert not lent.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        lent[1:][0, 0] = 1


def test_rows_with_padding_are_lent_as_they_lie() -> None:
    padded = np.arange(40, dtype=np.uint8).reshape(4, 10)
    (lent,) = Lender(1).lend([padded[:, :6]], list)

    assert np.array_equal(lent, padded[:, :6])
    assert np.shares_memory(lent, padded)


def test_when_too_many_are_out_pixels_are_copied_and_the_buffer_comes_back_at_once() -> None:
    lender, back, buffer = Lender(1), list[int](), _buffer(5)
    first = lender.lend([_buffer(1)], lambda: back.append(1))
    (copy,) = lender.lend([buffer], lambda: back.append(2))

    buffer[:] = 200

    assert back == [2]
    assert copy.max() == 5
    assert not copy.flags.writeable
    assert len(first) == 1


def test_each_buffer_comes_back_exactly_once_whichever_thread_lets_go() -> None:
    lender, back = Lender(400), list[int]()
    lent = [list(lender.lend([_buffer(1), _buffer(2)], partial(back.append, number))) for number in range(400)]

    def let_go(plane: int) -> None:
        for planes in lent:
            planes[plane] = np.empty(0, dtype=np.uint8)

    threads = [threading.Thread(target=let_go, args=(plane,)) for plane in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(back) == list(range(400))
    assert lender.out == 0
