"""The page and its pictures: whole in one file, honest about what it does not know, and without any face."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.plots_population import LEAST_COMPARISONS, MOST_CURVES, Plots, draw_plots, shown_bands
from edge.evaluate.population import measure_population
from edge.evaluate.population_page import draw_page
from edge.evaluate.population_pictures import Seen
from edge.evaluate.population_report import PopulationReport
from edge.evaluate.portrait import Loss, Lost
from edge.evaluate.verification import LostPicture
from firmware.picture import decode_picture
from models.calibration.bands import Member
from tests.edge.evaluate.embedders import IDENTITY
from tests.edge.evaluate.populations import listed, nobody, seen, sightings, strangers


def report_of(pictures: list[Seen], *lost: str) -> PopulationReport:
    losses = [LostPicture(file, Lost(Loss.NO_FACE, "")) for file in lost]
    return measure_population(listed(pictures, name="set <b>"), sightings(pictures, losses), (), 4000, nobody)


def page_of(report: PopulationReport) -> str:
    return draw_page(report, IDENTITY, draw_plots(report), "2026-07-01").decode("utf-8")


def mixed(count: int = 120) -> list[Seen]:
    """Old and young, of two sexes and two groups, some with two pictures, two files the same picture."""
    dice = np.random.default_rng(5)
    members = [Member(30 + 5 * (n % 13), "fm"[n % 2], ("north", "south")[n % 3 == 0]) for n in range(count)]
    base = [seen(f"{n:04}.jpg", f"p{n}", dice.normal(size=12), members[n]) for n in range(count)]
    again = [
        seen(f"{n:04}b.jpg", f"p{n}", each.embedding + dice.normal(scale=0.2, size=12), members[n])
        for n, each in enumerate(base[:40])
    ]
    return [*base, *again, seen("x.jpg", "x", [1] * 12, picture=1), seen("y.jpg", "y", [1] * 12, picture=1)]


@pytest.fixture(scope="module")
def report() -> PopulationReport:
    return report_of(mixed())


@pytest.fixture(scope="module")
def plots(report: PopulationReport) -> Plots:
    return draw_plots(report)


@pytest.fixture(scope="module")
def page(report: PopulationReport, plots: Plots) -> str:
    return draw_page(report, IDENTITY, plots, "2026-07-01").decode("utf-8")


def test_a_page_holds_all_it_needs_and_asks_for_nothing(page: str) -> None:
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,)', page) == []
    assert "://" not in page
    assert page.count("data:image/png;base64,") == 3
    assert "<script" not in page


def test_a_page_names_every_band_with_its_figures(page: str, report: PopulationReport) -> None:
    for band in report.bands:
        assert f"<td>{band.tally.name}</td><td>{band.tally.persons:,}</td><td>{band.fmr.of:,}</td>" in page
        assert f"{band.fmr.errors:,} of {band.fmr.of:,}" in page
    assert IDENTITY.model_digest.hex() in page
    assert "2026-07-01" in page


def test_names_of_files_and_sets_are_shown_as_they_are_written() -> None:
    pictures = [*strangers(4), seen("<script>.jpg", "s", [1] * 16), seen("broken-\udcff.jpg", "t", [1] * 16)]

    page = page_of(report_of(pictures, "lost&.jpg"))

    assert "set &lt;b&gt;" in page
    assert "&lt;script&gt;.jpg" in page
    assert r"broken-\udcff.jpg" in page
    assert "lost&amp;.jpg" in page


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_population_too_small_for_anything_still_has_a_page(count: int) -> None:
    page = page_of(report_of(strangers(count)))

    assert f"there are only {count} persons" in page
    assert "cannot be resolved" in page
    assert page.count("data:image/png;base64,") == 2
    assert "What it costs" not in page


def test_a_page_tells_the_cost_where_persons_have_several_pictures(page: str) -> None:
    assert "What it costs" in page
    assert "not recognised" in page


def test_every_plot_is_a_picture_with_something_in_it(plots: Plots) -> None:
    for png in (plots.curves, plots.scores, plots.trade):
        assert png is not None
        assert decode_picture(Path("plot.png"), png).std() > 10


def test_only_bands_with_enough_comparisons_have_curves(report: PopulationReport) -> None:
    shown = shown_bands(report.bands)

    assert shown[0].tally.name == "all"
    assert 1 < len(shown) <= 1 + MOST_CURVES
    assert all(band.fmr.of >= LEAST_COMPARISONS and "across" not in band.tally.name for band in shown[1:])


def test_without_jinja2_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    for module in ("edge.evaluate.page", "edge.evaluate.population_page"):
        monkeypatch.delitem(sys.modules, module)

    with pytest.raises(ToolNotInstalledError, match=r"jinja2.*install lifecert\[models\]"):
        import edge.evaluate.population_page  # noqa: F401
