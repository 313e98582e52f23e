"""A visit as a visitor sees it: unit, panel and browser as real programs, from ticket to the next READY (R36, R53, R62)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page

from edge.panel.operator.pin import PinFile
from tests.conftest import mirror_folder
from tests.edge.panel.looking import chromium
from tests.edge.panel.running import PIN
from tests.system.chain import running_chain
from tests.system.kiosk import ASKER, ENDS_WITHIN_MS, NOTICE, PROGRAMME, Kiosk, Watcher, await_code, open_kiosk, touch
from wire.reasons import Reason
from wire.result import Consent, ConsentGiven, ResultStatement, Verdict

pytestmark = [
    *(pytest.mark.system, pytest.mark.browser, pytest.mark.broker, pytest.mark.weights, pytest.mark.footage),
    pytest.mark.timeout(420),
]

VISIT = ("look", "hold", "action")
WATCH = """() => {
  const done = document.getElementById('done');
  const { body } = document;
  const seen = { moods: [], mirrored: false, lit: false, asked: '' };
  window.seen = seen;
  setInterval(() => {
    if (!seen.moods.includes(body.dataset.mood)) seen.moods.push(body.dataset.mood);
    seen.mirrored ||= body.classList.contains('mirrored');
    seen.lit ||= parseFloat(done.style.strokeDasharray) > 0;
    if (body.dataset.code.startsWith('ASK_')) seen.asked ||= document.querySelector('main').innerText;
  }, 20);
}"""
"""Remembers what the page shows of a visit: a quick one is over before a busy machine has asked for all of it."""


@dataclass
class Seen:
    """What stood on the page, and what the streams told."""

    texts: dict[str, str] = field(default_factory=dict)
    """Moment -> all words of the page."""
    languages: list[str] = field(default_factory=list)
    agreed_s: float = 0.0
    results: list[ResultStatement] = field(default_factory=list)
    codes: dict[str, list[str]] = field(default_factory=dict)
    """Moment -> the codes that were shown until then."""
    mirror_at_s: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)
    same_page: bool = False


def words_of(page: Page) -> str:
    return page.locator("main").inner_text()


def first_visit(kiosk: Kiosk, page: Page, seen: Seen) -> None:
    """Somebody agrees, and does what the screen asks for."""
    kiosk.hand_out("case-agrees")
    await_code(page, "CONSENT")
    seen.texts["consent"] = words_of(page)
    page.wait_for_timeout(1500)  # Whatever looked before it was allowed to would be seen by now.
    page.evaluate(WATCH)
    seen.agreed_s = time.monotonic()
    touch(page, "AGREE")
    await_code(page, "DONE")
    seen.texts["done"] = words_of(page)
    shown = page.evaluate("() => window.seen")
    assert set(shown["moods"]) & set(VISIT)
    assert (shown["mirrored"], shown["lit"]) == (True, True)
    seen.texts["asked"] = shown["asked"]
    await_code(page, "READY")
    seen.results += kiosk.results()


def second_visit(kiosk: Kiosk, page: Page, seen: Seen) -> None:
    """Somebody says no."""
    kiosk.hand_out("case-declines")
    await_code(page, "CONSENT")
    touch(page, "DECLINE")
    await_code(page, "CONSENT_MISSING")
    seen.texts["declined"] = words_of(page)
    await_code(page, "READY")
    seen.results.append(kiosk.results()[-1])


def idle(kiosk: Kiosk, page: Page, seen: Seen) -> None:
    """The unit starts, and is ready in either language."""
    kiosk.start_edge()
    await_code(page, "READY")
    seen.texts["idle"] = words_of(page)
    for language in ("en", "zh-CN"):
        touch(page, f"LANGUAGE:{language}")
        page.wait_for_selector(f"html[lang={language}]")
        seen.languages.append(page.locator("#title").inner_text())


def ordered(kiosk: Kiosk, page: Page, seen: Seen) -> None:
    """Staff give their PIN and order two checks, beside the page of the visitors."""
    PinFile(kiosk.settings.with_name("pin")).keep(PIN)
    desk = page.context.new_page()
    desk.goto(f"{kiosk.address}/operator")
    for digit in PIN:
        desk.get_by_role("button", name=digit, exact=True).click()
    desk.get_by_role("button", name="Enter").click()
    for name, last in (("Doctor", "doctor.supply"), ("Survey", "survey.shiny")):
        desk.get_by_role("button", name=name).click()
        desk.get_by_text(last).wait_for(timeout=ENDS_WITHIN_MS)
    seen.texts["desk"] = desk.locator("#desk").inner_text()
    desk.close()
    await_code(page, "READY")


def lost_and_found(kiosk: Kiosk, page: Page, seen: Seen) -> None:
    """The unit is killed, and started again; nobody touches the page."""
    page.evaluate("() => { window.neverLoadedAnew = true; }")
    assert kiosk.edge is not None
    kiosk.edge.kill()
    page.wait_for_selector("body[data-mood=gone]")
    seen.texts["gone"] = words_of(page)
    kiosk.start_edge()
    await_code(page, "READY")
    seen.same_page = page.evaluate("() => window.neverLoadedAnew === true")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    seen = Seen()
    folder: Path = tmp_path_factory.mktemp("kiosk")
    with running_chain(folder, mirror_folder()) as chain, open_kiosk(chain) as kiosk, chromium() as browser:
        chain.unit.stop_uplink()
        views, mirror = Watcher(kiosk.address, "/stream"), Watcher(kiosk.address, "/mirror")
        page = browser.new_context(viewport={"width": 1024, "height": 600}).new_page()
        page.goto(f"{kiosk.address}/")
        for moment, happens in {
            "idle": idle,
            "orders": ordered,
            "first": first_visit,
            "again": lost_and_found,
            "second": second_visit,
        }.items():
            before = len(views.codes)
            happens(kiosk, page, seen)
            seen.codes[moment] = views.codes[before:]
        seen.mirror_at_s = [one.at_s for one in mirror.shown if one.name == "mirror"]
        seen.done = [float(str(one.body["done"])) for one in views.shown if one.name == "progress"]
        yield seen


def test_from_its_start_on_the_unit_says_that_it_gets_ready_and_then_that_it_is(seen: Seen) -> None:
    before = seen.codes["idle"][: seen.codes["idle"].index("READY")]

    # A panel that tries to connect every few seconds may come too late for STARTING; its own words are the same.
    assert set(before) <= {"GONE", "STARTING"}
    assert (NOTICE in seen.texts["idle"], "请坐到屏幕前" in seen.texts["idle"]) == (True, True)


def test_whoever_comes_next_chooses_the_language_on_the_idle_page(seen: Seen) -> None:
    assert seen.languages == ["Please sit in front of the screen", "请坐到屏幕前"]


def test_staff_order_checks_between_visits_and_read_what_they_found_and_the_screen_says_meanwhile_that_it_is_busy(
    seen: Seen,
) -> None:
    assert seen.codes["orders"] == ["BUSY", "READY"] * 2
    told = seen.texts["desk"]
    assert [name for name in ("doctor.models", "doctor.camera", "doctor.identity", "survey.backlit") if name not in told] == []
    assert "networks are open since the start" in told
    assert "failed" not in told


def test_the_question_says_who_asks_for_what(seen: Seen) -> None:
    assert f"{ASKER}请您办理：{PROGRAMME}" in seen.texts["consent"]


def test_nothing_is_reflected_before_the_visitor_has_agreed_and_something_is_afterwards(seen: Seen) -> None:
    assert [at_s for at_s in seen.mirror_at_s if at_s < seen.agreed_s] == []
    assert len(seen.mirror_at_s) >= 3


def test_the_visitor_is_guided_one_instruction_at_a_time_to_a_result_with_its_number(seen: Seen) -> None:
    codes = seen.codes["first"]

    assert codes[0] == "CONSENT"
    assert any(code.startswith("ASK_") for code in codes)
    assert codes[-2:] == ["DONE", "READY"]
    assert "本次编号：1" in seen.texts["done"]
    assert "慢慢来" in seen.texts["asked"]


def test_progress_grows_to_the_end_of_the_visit(seen: Seen) -> None:
    steps = [done for done in seen.done if done > 0]

    assert len(steps) >= 3
    assert steps == sorted(steps)


def test_the_signed_result_says_how_and_in_which_language_the_visitor_agreed(seen: Seen) -> None:
    accepted = seen.results[0]

    assert (accepted.verdict, accepted.sequence) == (Verdict.ACCEPTED, 1)
    assert isinstance(accepted.consent, Consent)
    assert (accepted.consent.how, accepted.consent.language) == (ConsentGiven.TOUCH, "zh-CN")


def test_whoever_says_no_is_not_looked_at_and_the_result_says_that_consent_is_missing(seen: Seen) -> None:
    declined = seen.results[-1]

    assert seen.codes["second"] == ["CONSENT", "CONSENT_MISSING", "READY"]
    assert (declined.sequence, declined.reasons[0], declined.consent) == (2, Reason.CONSENT_MISSING, None)
    assert "还没有得到您的同意" in seen.texts["declined"]


def test_when_the_unit_is_killed_the_page_says_so_and_comes_back_by_itself(seen: Seen) -> None:
    assert "设备正在准备" in seen.texts["gone"]
    assert "getting ready" in seen.texts["gone"]
    assert (seen.codes["again"][0], seen.codes["again"][-1]) == ("GONE", "READY")
    assert set(seen.codes["again"]) <= {"GONE", "STARTING", "READY"}
    assert seen.same_page
