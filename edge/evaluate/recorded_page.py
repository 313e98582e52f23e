"""The page of recorded presentations: how each species fares, worst first, with counts and exact intervals. No face is on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.evaluate import population_words as words
from edge.evaluate.page import inline, page_of
from edge.evaluate.recorded.report import FEWEST, RecordedReport
from edge.evaluate.taken import Taken
from models.calibration.rates import Rate

TEMPLATE = "recorded.html"
LOW, MIDDLE = 0.07, 0.2


@dataclass(frozen=True, slots=True)
class Told:
    """A rate, spelled."""

    share: str
    counts: str
    interval: str
    level: str
    """How much its upper bound allows: "low", "middle", "high", or "none" without a count."""


def draw_page(report: RecordedReport, plots: tuple[bytes, ...], made_with: str, made_on: str) -> bytes:
    """The page as HTML in UTF-8. `made_with` names software and settings."""
    return page_of(
        TEMPLATE,
        report=report,
        bpcer=_told(report.bpcer),
        bpnrr=_told(report.bpnrr),
        accepted=_told(report.accepted),
        species=[(one, _told(one.apcer), _told(one.apnrr), _told(one.iapar)) for one in report.species],
        places=[(one.place, _told(one.bpcer), _told(one.apcer)) for one in report.places],
        passed=[one for one in report.replayed if one.taken is Taken.LIVING and not one.recorded.card.living],
        refused=[one for one in report.replayed if one.taken is not Taken.LIVING and one.recorded.card.living],
        reasons=_reasons(report),
        fewest=FEWEST,
        plots=[inline(png) for png in plots],
        made_with=made_with,
        made_on=made_on,
    )


def _told(rate: Rate) -> Told:
    if not rate.of:
        return Told(words.NOTHING, words.counts(rate), words.NOTHING, "none")
    level = "low" if rate.high <= LOW else "middle" if rate.high <= MIDDLE else "high"
    return Told(words.share(rate.value), words.counts(rate), words.span(rate), level)


def _reasons(report: RecordedReport) -> Mapping[str, int]:
    """What kept living people from passing, most frequent first."""
    found: dict[str, int] = {}
    for one in report.replayed:
        if one.recorded.card.living:
            for reason in one.reasons:
                found[reason.value] = found.get(reason.value, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
