"""Every pattern of the LED can be told by its rhythm alone, hurts nobody, and stands on the page and in the picture."""

from __future__ import annotations

from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.led_language import BLACK, LANGUAGE, WHITE, Channel, as_fitted, moment_of
from firmware.led_picture import draw_language, language_table
from firmware.ports import LedPattern

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLINKING = [pattern for pattern, signal in LANGUAGE.items() if signal.rhythm_ms]
SHORT_MS, LONG_MS = 500, 1000


def test_every_pattern_has_a_signal_that_says_what_it_means() -> None:
    assert set(LANGUAGE) == set(LedPattern)
    assert all(signal.meaning.endswith(".") for signal in LANGUAGE.values())
    assert [pattern for pattern, signal in LANGUAGE.items() if not signal.colour] == [LedPattern.OFF]


def word_of(pattern: LedPattern) -> str:
    """A rhythm as a person counts it: short and long flashes of one cycle, S for steady."""
    signal = LANGUAGE[pattern]
    if not signal.rhythm_ms:
        return "S" if signal.colour else "off"
    flashes = signal.rhythm_ms[::2]
    assert all(length <= SHORT_MS or length >= LONG_MS for length in flashes)
    pause = "even" if signal.rhythm_ms[-1] == flashes[-1] else ""
    flood = "mostly lit" if sum(flashes) > signal.cycle_ms * 2 / 3 else ""
    return " ".join(filter(None, ("".join("." if length <= SHORT_MS else "-" for length in flashes), pause, flood)))


def test_no_two_patterns_have_the_same_rhythm_for_who_sees_no_colours() -> None:
    words = [word_of(pattern) for pattern in LedPattern]

    assert len(set(words)) == len(words), words


@pytest.mark.parametrize("pattern", BLINKING)
def test_a_rhythm_is_on_and_off_in_turn_and_a_cycle_is_short_enough_to_wait_for(pattern: LedPattern) -> None:
    signal = LANGUAGE[pattern]

    assert len(signal.rhythm_ms) % 2 == 0
    assert min(signal.rhythm_ms) >= 200
    assert signal.cycle_ms <= 4_000


@pytest.mark.parametrize("pattern", BLINKING)
def test_no_pattern_flashes_more_than_three_times_in_any_second(pattern: LedPattern) -> None:
    rhythm = LANGUAGE[pattern].rhythm_ms
    ends = list(accumulate(rhythm * 10))
    begins_of_light = [0, *ends[1::2]]

    flashes = [sum(begin <= other < begin + 1000 for other in begins_of_light) for begin in begins_of_light]

    assert max(flashes) <= 3


@given(st.sampled_from(BLINKING), st.floats(min_value=0, max_value=1e7))
def test_a_moment_lasts_until_the_colour_changes_and_the_cycle_begins_again(pattern: LedPattern, shown_ms: float) -> None:
    moment, signal = moment_of(pattern, shown_ms), LANGUAGE[pattern]

    assert moment.left_ms is not None
    assert 0 < moment.left_ms <= max(signal.rhythm_ms)
    after = moment_of(pattern, shown_ms + moment.left_ms + 0.01)
    assert (moment.colour == BLACK) is not (after.colour == BLACK)
    again = moment_of(pattern, shown_ms % signal.cycle_ms)
    assert again.colour == moment.colour


def test_a_pattern_begins_with_its_light() -> None:
    assert [moment_of(pattern, 0).colour for pattern in LedPattern] == [LANGUAGE[pattern].colour for pattern in LedPattern]


def test_two_flashes_are_two_flashes() -> None:
    seen = [moment_of(LedPattern.DO_ACTION, ms).colour != BLACK for ms in range(0, 2000, 125)]

    changes = [first is not second for first, second in pairwise(seen)]
    assert seen[:9] == [True, True, False, False, True, True, False, False, False]
    assert sum(changes) == 3


@pytest.mark.parametrize("fitted", [frozenset({channel}) for channel in Channel])
def test_an_led_of_one_colour_is_lit_whenever_there_is_light(fitted: frozenset[Channel]) -> None:
    for signal in LANGUAGE.values():
        assert as_fitted(signal.colour, fitted) == (fitted if signal.colour else BLACK)


def test_with_all_colours_fitted_each_is_what_it_should_be() -> None:
    assert all(as_fitted(signal.colour, WHITE) == signal.colour for signal in LANGUAGE.values())


def test_the_page_and_the_picture_are_drawn_from_the_table() -> None:
    assert (DOCS / "pictures" / "led.svg").read_text(encoding="utf-8") == draw_language()
    assert language_table() in (DOCS / "led.md").read_text(encoding="utf-8")
