"""The icons of the page: each code has at most one, each mood has one, and no code is misspelt."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import edge.panel.app
from edge.prompts.catalogue import ScreenCode
from firmware.ports import Mood
from wire.reasons import Reason

TEXT = (Path(edge.panel.app.__file__).with_name("static") / "icons.svg").read_text(encoding="utf-8")
SYMBOLS = re.findall(r"<symbol ([^>]*)>", TEXT)
CODES = Counter(code for symbol in SYMBOLS for code in "".join(re.findall(r'data-codes="([^"]*)"', symbol)).split())
MOODS = Counter(mood for symbol in SYMBOLS for mood in re.findall(r'data-mood="([^"]*)"', symbol))


def test_every_screen_and_every_reason_has_one_icon_and_nothing_else_has() -> None:
    known = {*(code.value for code in ScreenCode), *(reason.value for reason in Reason)}

    assert known - CODES.keys() == set()
    assert CODES.keys() - known <= {"CONSENT"}
    assert set(CODES.values()) == {1}


def test_every_mood_has_one_icon_but_that_of_movements_which_have_each_their_own() -> None:
    assert dict(MOODS) == {mood.value: 1 for mood in Mood if mood is not Mood.ACTION}
