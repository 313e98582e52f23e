"""A catalogue says everything and nothing else; one that does not is refused by name."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from edge.errors import CatalogueInvalidError
from edge.prompts.catalogue import LANGUAGES, ScreenCode, load_catalogue, read_catalogue
from wire.reasons import Category, Reason


def text_of(language: str) -> str:
    return files("edge.prompts").joinpath(f"{language}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_of_the_unit_says_everything(language: str) -> None:
    catalogue = load_catalogue(language)

    assert set(catalogue.views) == {code.value for code in (*ScreenCode, *Reason)}
    assert {view.language for view in catalogue.views.values()} == {language}


def test_chinese_is_written_in_chinese_and_english_is_not() -> None:
    is_chinese = {language: [view.title for view in load_catalogue(language).views.values()] for language in LANGUAGES}

    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in is_chinese["zh-CN"])
    assert all(title.isascii() for title in is_chinese["en"])


MOST_CHARACTERS = 16
"""Chinese characters of one line on a screen for old eyes (R67); marks between them are not counted."""


def test_every_line_in_chinese_is_short_enough_for_the_screen() -> None:
    lines = [line for view in load_catalogue("zh-CN").views.values() for line in (view.title, view.remedy)]

    too_long = [line for line in lines if sum("\u4e00" <= letter <= "\u9fff" for letter in line) > MOST_CHARACTERS]
    assert too_long == []


def test_whatever_a_visitor_can_mend_has_a_remedy_that_asks_politely() -> None:
    for reason in Reason:
        if reason.category in (Category.GUIDANCE, Category.ACTION):
            assert "请" in load_catalogue("zh-CN").view(reason).remedy, reason
            assert "lease" in load_catalogue("en").view(reason).remedy, reason


def test_a_language_that_the_unit_does_not_speak_is_refused() -> None:
    with pytest.raises(CatalogueInvalidError, match=r"fr: not a language of this unit: zh-CN, en"):
        load_catalogue("fr")


@pytest.mark.parametrize("code", ["TOO_DARK", "LOOK_HERE"])
def test_a_missing_code_is_named(code: str) -> None:
    lacking = "\n".join(line for line in text_of("en").splitlines() if not line.startswith(f"{code} "))

    with pytest.raises(CatalogueInvalidError, match=rf"en: \[(screen|reason)\] lacks or does not know {code}$"):
        read_catalogue("en", lacking)


def test_a_code_that_nobody_knows_is_named() -> None:
    with pytest.raises(CatalogueInvalidError, match="TOO_LOUD"):
        read_catalogue("en", text_of("en") + '\nTOO_LOUD = { title = "It is too loud", remedy = "Please be quiet." }\n')


def test_a_section_that_nobody_knows_is_named() -> None:
    with pytest.raises(CatalogueInvalidError, match=r"\[footer\]"):
        read_catalogue("en", text_of("en") + '\n[footer]\nA = { title = "a", remedy = "" }\n')


@pytest.mark.parametrize(
    "entry",
    [
        '"Too dark"',
        '{ title = "Too dark" }',
        '{ remedy = "Please switch on a light." }',
        '{ title = "", remedy = "Please switch on a light." }',
        '{ title = "Too dark", remedy = 7 }',
        '{ title = "Too dark", remedy = "", sound = "beep" }',
    ],
)
def test_an_entry_that_is_not_a_title_and_a_remedy_is_named(entry: str) -> None:
    lines = [f"TOO_DARK = {entry}" if line.startswith("TOO_DARK ") else line for line in text_of("en").splitlines()]

    with pytest.raises(CatalogueInvalidError, match="TOO_DARK needs a title and a remedy"):
        read_catalogue("en", "\n".join(lines))


@pytest.mark.parametrize("text", ["[screen", "[screen]\nA = 1\nA = 2", "screen = 3", "", "reason = []"])
def test_what_is_no_catalogue_at_all_is_refused(text: str) -> None:
    with pytest.raises(CatalogueInvalidError, match="prompt catalogue en"):
        read_catalogue("en", text)


def test_both_languages_have_the_same_codes_in_the_same_order() -> None:
    orders = [[list(section) for section in tomllib.loads(text_of(language)).values()] for language in LANGUAGES]

    assert orders[0] == orders[1]
