"""Forged streams: what shines in them is never what this visit's code asked for, and the delay is more than one symbol."""

from __future__ import annotations

import numpy as np
import pytest

from edge.evaluate.simulated.forgeries import LONGEST_DELAY_SYMBOLS, STEADY, truth_of
from edge.evaluate.simulated.plan import Forgery
from edge.session.challenge import challenge_of
from edge.session.light_code import DARK_WORD
from firmware.frame import Emitter, Light
from firmware.twin.scene import Lamps, Truth
from wire.result import Mode

MS = 1_000_000
SYMBOL_NS = 200 * MS
LONG_NS = 16 * SYMBOL_NS
INFRARED = (Emitter.LEFT, Emitter.RIGHT)


def truth(forgery: Forgery, lamps: Lamps, seed: int) -> Truth:
    return truth_of(forgery, lamps, "LR", SYMBOL_NS, np.random.default_rng(seed))


def word_in(told: Truth, at_ns: int) -> str:
    """The infrared lamps that shine for a moment, as a light word."""
    shining = told(at_ns, at_ns + MS)
    return "".join(emitter for emitter in INFRARED if shining.get(emitter, 0.0) > 0) or DARK_WORD


def words_in(told: Truth) -> list[str]:
    """The word every 10 ms."""
    return [word_in(told, at_ns) for at_ns in range(0, LONG_NS, 10 * MS)]


def delay_ns(seed: int) -> int:
    """How late a delayed stream shows a lamp that was lit at the begin, and shows from then on."""
    lamps = Lamps()
    lamps.tell(Light.parse("L", 60))
    words = words_in(truth(Forgery.DELAYED, lamps, seed))
    assert words == sorted(words, key=lambda word: word == "L")
    return 10 * MS * words.index("L")


def test_a_delayed_stream_shows_each_light_more_than_one_symbol_late() -> None:
    delays = [delay_ns(seed) for seed in range(200)]

    assert SYMBOL_NS < min(delays) < 2 * SYMBOL_NS
    assert 4 * SYMBOL_NS < max(delays) <= LONGEST_DELAY_SYMBOLS * SYMBOL_NS + 10 * MS


@pytest.mark.parametrize("seed", range(10))
def test_a_recorded_stream_follows_a_code_but_not_that_of_this_visit(seed: int) -> None:
    own = challenge_of(seed.to_bytes(16, "big"), Mode.FULL, "LR", SYMBOL_NS).code
    assert own is not None

    words = words_in(truth(Forgery.WRONG_CODE, Lamps(), seed))

    assert set(words) == {DARK_WORD, "L", "R", "LR"}
    for offset_ns in range(0, LONG_NS, 50 * MS):
        asked = [own.word_at(offset_ns + number * 10 * MS) for number in range(len(words))]
        assert sum(one == other for one, other in zip(words, asked, strict=True)) < 0.75 * len(words)


def test_recordings_are_of_different_visits() -> None:
    recorded = {tuple(words_in(truth(Forgery.WRONG_CODE, Lamps(), seed))) for seed in range(10)}

    assert len(recorded) == 10


@pytest.mark.parametrize("forgery", [Forgery.WRONG_CODE, Forgery.INJECTED])
def test_what_the_unit_tells_its_lamps_does_not_reach_a_stream_from_elsewhere(forgery: Forgery) -> None:
    lamps, other = Lamps(), Lamps()
    lamps.tell(Light.parse("LR", 100))

    assert words_in(truth(forgery, lamps, 1)) == words_in(truth(forgery, other, 1))


def test_an_injected_stream_was_lit_like_any_room() -> None:
    told = truth(Forgery.INJECTED, Lamps(), 1)

    assert set(words_in(told)) == {DARK_WORD}
    assert told(0, MS) == STEADY


def test_without_a_forgery_the_lamps_do_as_they_are_told() -> None:
    lamps = Lamps()
    lamps.tell(Light.parse("L", 60))

    assert truth(Forgery.NONE, lamps, 1)(MS, 2 * MS) == {Emitter.LEFT: 0.6}
