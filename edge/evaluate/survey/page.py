"""The page of a survey: where to put the unit, and how the place fares by the hour. No picture of the place is on it."""

from __future__ import annotations

from edge.evaluate.page import inline, page_of
from edge.evaluate.survey.score import GOOD_FROM, Survey, Trait
from edge.evaluate.survey.words import NAMES, remedy, spans
from edge.prompts.catalogue import load_catalogue
from wire.reasons import Reason

TEMPLATE = "survey/survey.html"
MIDDLING_FROM = 40


def draw_page(survey: Survey, place: str, plot: bytes, made_with: str, made_on: str) -> bytes:
    """The page as HTML in UTF-8; `place` is its name, for people."""
    words = load_catalogue("zh-CN")

    def title(reason: Reason) -> str:
        return words.view(reason).title

    return page_of(
        TEMPLATE,
        survey=survey,
        place=place,
        good=spans(survey.good_hours),
        good_from=GOOD_FROM,
        advice=[{"name": NAMES[one.trait], "hours": spans(one.hours), "remedy": remedy(one)} for one in survey.advice],
        traits=list(Trait),
        names=[NAMES[trait] for trait in Trait],
        level=level,
        title=title,
        plot=inline(plot),
        made_with=made_with,
        made_on=made_on,
    )


def level(score: int) -> str:
    """How good a score is, as a word of the style sheet: "low" trouble, "middle" or "high"."""
    return "low" if score >= GOOD_FROM else "middle" if score >= MIDDLING_FROM else "high"
