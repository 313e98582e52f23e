"""A sheet says what a programme wrote, and one that is wrong is refused by the name of what is wrong."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path

import pytest

from edge.errors import ConfigInvalidError
from edge.off_peak import Hours
from edge.sheet import LARGEST_FILE_BYTES, LONGEST_TEXT, NUMBERS, Sheet, Wording, load_sheet, read_sheet

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def example() -> str:
    (found,) = re.findall(r"```sheet\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def test_the_example_on_the_page_is_a_sheet() -> None:
    sheet = read_sheet("example", example())

    assert (sheet.hotline, sheet.tries, sheet.lock_after, sheet.period_months) == ("12333", 3, 10, 12)
    assert sheet.zone.utcoffset(None) == timedelta(hours=8)
    assert sheet.hours == (Hours(frozenset(range(5)), time(8, 30), time(10, 0)),)
    assert sheet.in_language("zh-CN").routes == ("银行卡", "短信验证码")
    assert all(sheet.in_language(language) != Wording() for language in ("zh-CN", "en"))


def test_a_unit_without_a_sheet_says_nothing_of_the_kind() -> None:
    sheet = load_sheet(None)

    assert sheet == Sheet()
    assert sheet.in_language("zh-CN") == Wording()


def test_one_day_alone_and_the_edges_of_each_number_are_taken() -> None:
    for end in (0, 1):
        sheet = read_sheet("x", "\n".join(f"{name} = {bounds[end]}" for name, bounds in NUMBERS.items()))
        assert (sheet.tries, sheet.lock_after, sheet.period_months) == tuple(
            list(NUMBERS.values())[each][end] for each in range(3)
        )
    assert read_sheet("x", '[[off_peak]]\ndays = "7"\nbegin = "00:00"\nend = "23:59"').hours[0].days == {6}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *(
            ("hotline = 12333", "hotline"),
            ('hotline = "a\\nb"', "hotline"),
            (f'hotline = "{"1" * (LONGEST_TEXT + 1)}"', "hotline"),
        ),
        *((f"{name} = {low - 1}", name) for name, (low, _) in NUMBERS.items()),
        *((f"{name} = {high + 1}", name) for name, (_, high) in NUMBERS.items()),
        *((f"{name} = true", name) for name in NUMBERS),
        *(
            ("tries = 3.0", "tries"),
            ("hot_line = 1", "hot_line"),
            ("[fr]", "fr"),
            ("en = 1", "en"),
            ('[en]\nboss = "x"', "en.boss"),
        ),
        *(
            ('[en]\nroutes = "card"', "en.routes"),
            ("[en]\nroutes = [1]", "en.routes"),
            (f"[en]\nnotices = {['x'] * 9}", "en.notices"),
        ),
        *(('off_peak = "x"', "off_peak"), ("off_peak = [1]", "off_peak"), ("tries =", "TOML"), ("x = " + "[" * 10_000, "TOML")),
        *(
            (f"[[off_peak]]\n{hours}", "off_peak")
            for hours in (
                'days = "0-5"\nbegin = "08:00"\nend = "09:00"',
                'days = "5-1"\nbegin = "08:00"\nend = "09:00"',
                'days = "1-8"\nbegin = "08:00"\nend = "09:00"',
                'days = "1"\nbegin = "09:00"\nend = "09:00"',
                'days = "1"\nbegin = "24:00"\nend = "25:00"',
                'days = "1"\nbegin = "8:00"\nend = "09:00"',
                'days = "1"\nbegin = "08:00"',
                'days = "1"\nbegin = "08:00"\nend = "09:00"\nnote = "x"',
            )
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_file(text: str, key: str) -> None:
    with pytest.raises(ConfigInvalidError) as refused:
        read_sheet("/etc/sheet.toml", text)

    assert "/etc/sheet.toml" in str(refused.value)
    assert key in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    large, latin = tmp_path / "large.toml", tmp_path / "latin.toml"
    large.write_text("#" * (LARGEST_FILE_BYTES + 1))
    latin.write_bytes(b"\xff")

    for path, why in (
        (tmp_path / "none.toml", "No such file"),
        (large, "larger than"),
        (latin, "not UTF-8"),
        (tmp_path, "directory"),
    ):
        with pytest.raises(ConfigInvalidError, match=why):
            load_sheet(path)
