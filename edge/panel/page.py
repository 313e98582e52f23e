"""The page of the screen, made once: its icons, and the only words of its own, those for when `lifecert-edge` is gone."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Template

WORDS = Path(__file__).with_name("gone.toml")


def page(static: Path) -> str:
    """The whole of the page, without a request to anywhere but its own style and script."""
    words = {name: html.escape(text) for name, text in gone_words().items()}
    icons = (static / "icons.svg").read_text(encoding="utf-8")
    return Template((static / "index.html").read_text(encoding="utf-8")).substitute(words, icons=icons)


def gone_words() -> Mapping[str, str]:
    """The words for when nobody else can say anything, as `zh_title`, `zh_remedy`, `en_title`, `en_remedy`."""
    tables = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {f"{language}_{part}": str(tables[language][part]) for language in ("zh", "en") for part in ("title", "remedy")}
