"""The page about the panel names every fact that is told, and every order that is heard."""

from __future__ import annotations

import re
from pathlib import Path

from edge.showing.facts import FACTS
from edge.showing.orders import VOLUME, Order

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "panel.md").read_text(encoding="utf-8")


def first_column(heading: str) -> list[str]:
    """The words in the first column of the table below a heading."""
    section = PAGE.partition(f"{heading}\n")[2].partition("\n#")[0]
    return re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)


def test_the_page_names_every_fact_and_no_other_in_the_order_of_the_operators_page() -> None:
    assert first_column("### Facts") == list(FACTS)


def test_the_page_names_every_order() -> None:
    assert first_column("### Orders") == [*Order, f"{VOLUME}0"]
