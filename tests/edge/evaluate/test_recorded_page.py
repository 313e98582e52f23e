"""The page of recorded presentations and its pictures: whole in one file, worst first, honest about small numbers, no face."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.evaluate.plots_recorded import draw_rates, draw_textures
from edge.evaluate.plots_simulated import draw_simulated
from edge.evaluate.recorded.replay import Replayed
from edge.evaluate.recorded.report import RecordedReport, weigh_replayed
from edge.evaluate.recorded_page import draw_page
from edge.evaluate.simulated.report import weigh_outcomes
from edge.evaluate.taken import Taken
from edge.flow import Standing
from firmware.picture import decode_picture
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import Species
from tests.edge.evaluate.outcomes import outcome
from tests.edge.evaluate.recordings import PLACE, replayed
from wire.reasons import Reason

LIVING, ATTACK, NOTHING = Taken.LIVING, Taken.ATTACK, Taken.NOTHING


def mixed() -> list[Replayed]:
    """60 living people of whom two do not pass; a mug that never passes, a phone that once did, a mask without a response."""
    return [
        *(replayed(accepted=True, name=f"living {number}") for number in range(58)),
        replayed(taken=ATTACK, name="living 58", reasons=(Reason.SPOOF_SUSPECTED,)),
        replayed(taken=NOTHING, name="living 59", reasons=(Reason.TOO_DARK, Reason.TIMED_OUT), texture=None),
        *(replayed("mug", ATTACK, texture=0.01, name=f"mug {number}") for number in range(60)),
        *(replayed("phone", LIVING if number == 7 else ATTACK, name=f"phone {number}") for number in range(60)),
        replayed("mask", NOTHING, texture=None, name="mask 0", place="yard"),
    ]


@pytest.fixture(scope="module")
def report() -> RecordedReport:
    return weigh_replayed(mixed())


@pytest.fixture(scope="module")
def page(report: RecordedReport) -> str:
    return page_of(report)


def page_of(report: RecordedReport) -> str:
    plots = draw_rates(report), draw_textures(report, 0.9)
    return draw_page(report, plots, "lifecert 0.1.0", "2026-11-26").decode("utf-8")


def test_a_page_holds_all_it_needs_and_asks_for_nothing(page: str) -> None:
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,)', page) == []
    assert "://" not in page
    assert page.count("data:image/png;base64,") == 2
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_no_folder_of_the_machine_and_no_photo_is_on_it(page: str) -> None:
    """Faces lie in the folder of each presentation; the page names presentations by name alone."""
    assert str(PLACE) not in page.replace("&#39;", "'")
    assert "reference" not in page
    assert "frames" not in page


def test_species_stand_worst_first_with_counts_and_intervals(page: str) -> None:
    rows = re.findall(r"<tr><td>(\w+)</td><td>\d+</td><td>\d+</td>\s*<td class=\"(\w+)\">", page)

    assert rows == [("mask", "none"), ("phone", "middle"), ("mug", "low")]
    assert "1 of 60" in page
    assert "0 of 60" in page
    assert "58 of 60 living people accepted" in page


def test_a_species_of_which_too_little_is_known_is_warned_of_and_the_others_are_not(page: str) -> None:
    (warned,) = re.findall(r"Too few presentations to say much about ([^:]*):", page)

    assert warned == "mask"


def test_nothing_is_warned_of_where_enough_was_shown() -> None:
    page = page_of(weigh_replayed([replayed("mug", ATTACK, name=f"{number}") for number in range(51)]))

    assert "Too few" not in page


def test_what_is_to_be_looked_at_is_named(page: str) -> None:
    assert '<tr><td class="file">phone 7</td>' in page
    assert '<td class="file">mug 1</td>' not in page
    assert '<tr><td class="file">living 59</td><td>refused</td><td class="file">TOO_DARK, TIMED_OUT</td></tr>' in page
    assert '<td class="file">living 1</td>' not in page


def test_reasons_of_the_living_are_added_up_most_frequent_first() -> None:
    refused = [replayed(taken=NOTHING, reasons=(Reason.TIMED_OUT,)) for _ in range(2)]
    page = page_of(weigh_replayed([*refused, replayed(taken=NOTHING, reasons=(Reason.NO_FACE, Reason.TIMED_OUT))]))

    assert "all together: TIMED_OUT 3; NO_FACE 1." in page


def test_words_of_the_operator_are_shown_as_they_are_written() -> None:
    page = page_of(weigh_replayed([replayed("mug", LIVING, artefact="<b>&", place="<i>sun</i>", name="<script>")]))

    assert "&lt;b&gt;&amp;" in page
    assert "&lt;i&gt;sun&lt;/i&gt;" in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("presentations", [[], [replayed()], [replayed("mug", NOTHING, texture=None)]])
def test_next_to_nothing_still_has_a_page(presentations: list[Replayed]) -> None:
    page = page_of(weigh_replayed(presentations))

    assert f"{len(presentations)} recorded presentations" in page
    assert page.count("data:image/png;base64,") == 2


# Pictures


def test_every_plot_of_recordings_is_a_picture_with_something_in_it(report: RecordedReport) -> None:
    for png in (draw_rates(report), draw_textures(report, 0.9)):
        assert decode_picture(Path("plot.png"), png).std() > 10


def test_the_plot_of_simulated_attacks_is_a_picture_with_something_in_it() -> None:
    shown = [outcome(species, place, relief=Standing.DENIED) for species in Species for place in Place]

    png = draw_simulated(weigh_outcomes(shown), "report")

    assert decode_picture(Path("plot.png"), png).std() > 10


def test_another_result_is_another_picture() -> None:
    one, other = (draw_rates(weigh_replayed([replayed("mug", taken)])) for taken in (LIVING, ATTACK))

    assert one != other
