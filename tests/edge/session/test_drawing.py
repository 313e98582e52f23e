"""The page that shows the table is drawn from the table."""

from __future__ import annotations

from pathlib import Path

from edge.session.drawing import page
from edge.session.states import TRANSITIONS, State

PAGE = Path(__file__).resolve().parents[3] / "docs" / "session.md"


def test_the_page_in_the_documents_is_the_one_that_is_drawn() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "the table changed: draw docs/session.md anew, as its first lines say"


def test_the_picture_shows_every_way_from_state_to_state() -> None:
    text = page()

    for state in State:
        for event, target in TRANSITIONS[state].items():
            (arrow,) = [line for line in text.splitlines() if line.strip().startswith(f"{state} --> {target}:")]
            assert event.value in arrow.partition(": ")[2].split(", ")
