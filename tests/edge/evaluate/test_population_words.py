"""Figures are spelled with two digits that count, and never as powers of ten."""

from __future__ import annotations

import pytest

from edge.evaluate.population_words import fmr_word, share, similarity


@pytest.mark.parametrize(
    ("found", "spelled"),
    [
        *((None, "–"), (0.0, "0 %"), (1.0, "100 %"), (0.5, "50 %"), (0.1, "10 %"), (0.0199, "2.0 %"), (0.0023, "0.23 %")),
        *((0.0004, "0.040 %"), (8e-7, "0.000080 %"), (0.987, "99 %")),
    ],
)
def test_a_share_is_spelled_in_percent(found: float | None, spelled: str) -> None:
    assert share(found) == spelled


def test_a_threshold_has_four_decimals_and_a_missing_one_is_a_dash() -> None:
    assert (similarity(5400), similarity(-50), similarity(None)) == ("0.5400", "-0.0050", "–")


@pytest.mark.parametrize(("word", "spelled"), [("1e-2", "1 %"), ("1e-3", "0.1 %"), ("1e-4", "0.01 %")])
def test_a_rate_asked_for_is_a_round_number(word: str, spelled: str) -> None:
    assert fmr_word(word) == spelled
