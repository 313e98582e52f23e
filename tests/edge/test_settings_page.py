"""The page of the settings says what the settings are."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields

from edge.config import BOUNDS, Settings, read_settings
from edge.fittings_file import ROTATIONS
from edge.prompts.catalogue import LANGUAGES
from firmware.board import BoardKind
from firmware.screen_settings import ScreenKind
from tests.edge.test_config import NUMBERS, PAGE, SECTIONS


@dataclass(frozen=True)
class Row:
    """One line of the page's tables."""

    key: str
    unit: str
    default: str
    range: str
    meaning: str


def page_rows() -> dict[str, list[Row]]:
    """Section -> its rows on the page."""
    parts = re.split(r"^## `\[(\w+)\]`.*$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        name: [Row(*cells) for line in text.splitlines() if (cells := cells_of(line))]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def cells_of(line: str) -> list[str] | None:
    """The five cells of a row about a key."""
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return [cell.strip("`") for cell in cells] if line.startswith("| `") and len(cells) == 5 else None


def test_the_page_has_one_row_for_every_field_in_order() -> None:
    told = {name: [row.key for row in rows] for name, rows in page_rows().items()}

    assert told == {name: [field.name for field in fields(section)] for name, section in SECTIONS.items()}


def test_the_page_tells_the_right_defaults() -> None:
    settings = Settings()

    for name, rows in page_rows().items():
        for row in rows:
            assert row.default == spelled(getattr(getattr(settings, name), row.key)), row.key


def spelled(value: object) -> str:
    """A default as the page spells it."""
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_the_page_tells_the_right_ranges() -> None:
    rows = page_rows()
    for section, key in NUMBERS:
        bound = BOUNDS[section][key]
        (row,) = [row for row in rows[section] if row.key == key]
        assert row.range == f"{bound.low:g} to {bound.high:g}", key
    told = {row.key: row.range.replace("`", "") for row in rows["unit"]}
    assert (told["board"], told["language"]) == (", ".join(BoardKind), ", ".join(LANGUAGES))
    shown = {row.key: row.range.replace("`", "") for row in rows["screen"]}
    assert (shown["kind"], shown["rotation"]) == (", ".join(ScreenKind), ", ".join(map(str, ROTATIONS)))


def test_the_page_tells_unit_and_meaning_of_everything() -> None:
    assert all(row.unit and row.meaning.endswith(".") for rows in page_rows().values() for row in rows)


def test_the_example_on_the_page_is_a_settings_file() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert read_settings("example", example) != Settings()
    assert set(tomllib.loads(example)) == set(SECTIONS)
