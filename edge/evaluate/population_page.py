"""The page of a population: all its figures and no face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.evaluate import population_words as words
from edge.evaluate.page import inline, page_of
from edge.evaluate.plots_population import Plots
from edge.evaluate.population import DRAWS
from edge.evaluate.population_report import ASKED_FMR, Band, BandThreshold, PopulationReport
from edge.flow import MatcherIdentity
from models.calibration.rates import Interval, Rate

TEMPLATE = "population.html"
LEAST_DRAWN = 1e-5
"""The left end of the scale on which rates are drawn."""
TICKS = ((1e-5, "0.001 %"), (1e-4, "0.01 %"), (1e-3, "0.1 %"), (1e-2, "1 %"), (1e-1, "10 %"), (1.0, "100 %"))


@dataclass(frozen=True, slots=True)
class Mark:
    """A rate and its intervals on a logarithmic scale, places in percent of its width."""

    at: float | None
    """None where there was no false match: then only the intervals are drawn."""
    exact: Interval
    by_person: Interval


@dataclass(frozen=True, slots=True)
class Needed:
    """The thresholds for one false match rate, spelled."""

    counted: str
    supported: str
    fnmr: str


@dataclass(frozen=True, slots=True)
class Line:
    """A band, as it stands in the table."""

    name: str
    people: int
    comparisons: int
    fmr: str
    counts: str
    exact: str
    by_person: str
    bounds: str
    """The wider of the two intervals."""
    level: str
    """How much the upper bound allows: "low" up to 0.1 %, "middle" up to 1 %, "high" beyond, "none" without comparisons."""
    mark: Mark | None
    needed: tuple[Needed, ...]


def draw_page(report: PopulationReport, matcher: MatcherIdentity, plots: Plots, made_on: str) -> bytes:
    """The page as HTML in UTF-8, with everything in it that it needs."""
    lines = [_line(band) for band in report.bands]
    return page_of(
        TEMPLATE,
        report=report,
        matcher=matcher,
        digest=matcher.model_digest.hex(),
        draws=DRAWS,
        made_on=made_on,
        lines=lines,
        hardest=_hardest(lines),
        asked=[words.fmr_word(word) for word in ASKED_FMR],
        ticks=[(_place(share), label) for share, label in TICKS],
        words=words,
        plots=[inline(png) for png in (plots.curves, plots.scores, plots.trade) if png],
    )


def _line(band: Band) -> Line:
    return Line(
        name=band.tally.name,
        people=band.tally.persons,
        comparisons=band.fmr.of,
        fmr=words.share(band.fmr.value),
        counts=words.counts(band.fmr),
        exact=words.exact(band),
        by_person=words.over_persons(band),
        bounds=words.exact(band) if band.fmr.high >= band.by_person.high else words.over_persons(band),
        level=_level(band.fmr, band.by_person),
        mark=_mark(band.fmr, band.by_person) if band.fmr.of else None,
        needed=tuple(_needed(threshold) for threshold in band.thresholds),
    )


def _level(fmr: Rate, by_person: Interval) -> str:
    if not fmr.of:
        return "none"
    upper = max(fmr.high, by_person.high)
    return "low" if upper <= 1e-3 else "middle" if upper <= 1e-2 else "high"


def _mark(fmr: Rate, by_person: Interval) -> Mark:
    exact, drawn = (Interval(_place(each.low), _place(each.high)) for each in (fmr, by_person))
    return Mark(_place(fmr.value) if fmr.value else None, exact, drawn)


def _place(share: float) -> float:
    """Where a share lies between the ends of the scale, in percent."""
    return round(100 * (1 - math.log10(max(share, LEAST_DRAWN)) / math.log10(LEAST_DRAWN)), 2)


def _needed(threshold: BandThreshold) -> Needed:
    fnmr = words.NOTHING if threshold.fnmr is None else words.share(threshold.fnmr.value)
    return Needed(words.similarity(threshold.counted_x10000), words.similarity(threshold.supported_x10000), fnmr)


def _hardest(lines: Sequence[Line]) -> Line | None:
    """The band with the highest false match rate that rests on more than a handful of comparisons."""
    told = [line for line in lines[1:] if line.comparisons >= 1000 and line.mark and line.mark.at is not None]
    return max(told, key=lambda line: line.mark.at if line.mark and line.mark.at else 0.0, default=None)
