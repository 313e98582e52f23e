"""What the terminal shows stands in columns, and is plain where nobody sees colours."""

from __future__ import annotations

import io

from demo.words import Colour, Paint, fitted, padded, spoken_plainly, table, width


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        """Somebody does."""
        return True


def test_a_chinese_letter_takes_two_columns() -> None:
    assert (width("通过 ok"), width("，"), width("✓")) == (7, 2, 1)
    assert padded("通过", 6) == "通过  "


def test_columns_stand_below_each_other_in_both_languages() -> None:
    lines = table([("访客", "leaf"), ("a", "10")])

    assert lines == ("访客  leaf", "a     10")


def test_colours_reach_a_terminal_only_and_only_when_wanted() -> None:
    assert Paint(Terminal(), "")("done", Colour.GREEN) == "\x1b[32mdone\x1b[0m"
    assert Paint(Terminal(), "1")("done", Colour.GREEN) == "done"
    assert Paint(io.StringIO(), "")("done", Colour.GREEN) == "done"


def test_a_code_of_the_screen_reads_as_words() -> None:
    assert spoken_plainly("ASK_OPEN_MOUTH") == "ask open mouth"


def test_a_text_that_is_too_long_for_its_column_is_cut_off_where_a_letter_ends() -> None:
    assert fitted("通过", 8) == "通过    "
    assert fitted("看一看您的脸", 12) == "看一看您…   "
    assert fitted("abcdefgh", 10) == "abcdefgh  "
    assert {width(fitted("看" * count + "a", 20)) for count in range(30)} == {20}
