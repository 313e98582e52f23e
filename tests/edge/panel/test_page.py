"""The page as a visitor sees it: every state in both languages on four screens, photographed, measured, and open to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from edge.panel.page import gone_words
from edge.prompts.catalogue import load_catalogue
from edge.showing.messages import Condition
from edge.showing.server import StageServer
from firmware.ports import Choice, Mood, View
from tests.edge.panel.album import SIZES, compare, drawn_visitor
from tests.edge.panel.conftest import Pair
from tests.edge.panel.likeness import small
from tests.edge.panel.looking import VISIT, Eyes, chromium, eyes_on, now_ns
from tests.edge.panel.running import PIN, Running, until
from tests.edge.panel.states import LANGUAGES, STATES, State

pytestmark = pytest.mark.browser
BY_NAME = {state.name: state for state in STATES}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def _page(browser: Browser, _shared: Pair) -> Iterator[Eyes]:
    with eyes_on(browser, _shared.panel) as eyes:
        yield eyes


@pytest.fixture
def eyes(_page: Eyes, panel: Running) -> Eyes:
    """The screen page of the module, on the smallest screen."""
    _page.at_size(SIZES[0])
    return _page


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_state_looks_as_it_did_is_whole_on_every_screen_and_keeps_nobody_out(
    eyes: Eyes, stage: StageServer, state: State, tmp_path: Path
) -> None:
    pictures, flaws, barriers = [], [], []

    for language in LANGUAGES:
        eyes.see(stage, state.view(language, now_ns()), state.done)
        barriers += eyes.barriers()
        for size in SIZES:
            eyes.at_size(size)
            if state.mirror:
                eyes.reflect(stage)
            flaws += [f"{language} {size}: {flaw}" for flaw in eyes.flaws()]
            pictures.append(small(eyes.photograph()))
        eyes.at_size(SIZES[0])

    assert (flaws, barriers) == ([], [])
    assert (eyes.complaints, {url for url in eyes.asked if not url.startswith(eyes.page.url)}) == ([], set())
    compare(state.name, pictures, tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_catalogue_says_fits_on_the_smallest_screen(eyes: Eyes, stage: StageServer, language: str) -> None:
    flaws = []
    cancel = (Choice("CANCEL", "Stop the visit"), Choice("LANGUAGE:zh-CN", "English"))

    for code, view in load_catalogue(language).views.items():
        eyes.see(stage, replace(view, choices=cancel))
        flaws += [f"{code}: {flaw}" for flaw in eyes.flaws()]

    assert flaws == []


def test_words_are_as_large_after_a_long_list_as_after_a_short_one(eyes: Eyes, stage: StageServer) -> None:
    size = "getComputedStyle(document.getElementById('title')).fontSize"
    sizes = []

    for before in ("busy", "mismatch"):
        eyes.see(stage, BY_NAME[before].view("en", now_ns()))
        eyes.see(stage, BY_NAME["done"].view("en", now_ns()))
        sizes.append(eyes.page.evaluate(size))

    assert sizes[0] == sizes[1]


def test_a_date_is_not_broken_at_its_hyphens(eyes: Eyes, stage: StageServer) -> None:
    numbers = ("2027-11-26", "08:30–10:00")
    lines = tuple(f"{'word ' * count}{number}" for number in numbers for count in range(1, 9))

    eyes.see(stage, View("DONE", "Numbers", "", "en", Mood.DONE, lines))

    spans = eyes.page.locator("#lines .number")
    heights = {spans.nth(each).evaluate("(span) => span.getClientRects().length") for each in range(spans.count())}
    assert (spans.count(), heights) == (16, {1})
    assert eyes.page.locator("#lines li").first.text_content() == lines[0]


def test_a_title_beyond_all_measure_still_leaves_the_buttons_on_the_screen(eyes: Eyes, stage: StageServer) -> None:
    view = BY_NAME["turn-left"].view("en", now_ns())

    eyes.see(stage, replace(view, title=view.title * 3, remedy=view.remedy * 6))

    assert [flaw for flaw in eyes.flaws() if "small" in flaw] == []
    assert eyes.page.locator("#icon").is_hidden()


@pytest.mark.parametrize(("language", "other"), [("zh-CN", "English"), ("en", "中文")])
def test_a_finger_changes_the_language_and_agrees(eyes: Eyes, stage: StageServer, language: str, other: str) -> None:
    eyes.see(stage, BY_NAME["consent"].view(language, now_ns()))

    eyes.page.get_by_role("button", name=other).click()
    eyes.page.locator("#choices button").first.click()

    taken: list[str] = []
    assert until(lambda: taken.extend(stage.taken()) or len(taken) == 2)
    assert taken == ["LANGUAGE:en" if language == "zh-CN" else "LANGUAGE:zh-CN", "AGREE"]
    assert eyes.page.locator("html").get_attribute("lang") == language


def press_through(eyes: Eyes, stage: StageServer, button: str, before: View, after: View) -> None:
    """Lay a finger on a button, and lift it when another view has come."""
    eyes.see(stage, before)
    eyes.page.get_by_role("button", name=button, exact=True).hover()
    eyes.page.mouse.down()
    eyes.see(stage, after)
    eyes.page.mouse.up()


def test_a_slow_finger_stops_the_visit_although_the_words_change_under_it(eyes: Eyes, stage: StageServer) -> None:
    look, far = (BY_NAME[name].view("en", now_ns()) for name in ("look", "too-far"))

    press_through(eyes, stage, "Stop", look, far)

    taken: list[str] = []
    assert until(lambda: taken.extend(stage.taken()) or taken)
    assert taken == ["CANCEL"]


def test_a_finger_that_lies_on_one_question_does_not_agree_to_the_next(eyes: Eyes, stage: StageServer) -> None:
    consent, hand_off = (BY_NAME[name].view("en", now_ns()) for name in ("consent", "hand-off"))

    press_through(eyes, stage, "I agree", consent, replace(hand_off, title="Another question"))
    eyes.page.get_by_role("button", name="I do not agree").click()

    taken: list[str] = []
    assert until(lambda: taken.extend(stage.taken()) or "DECLINE" in taken)
    assert taken == ["DECLINE"]


def test_a_keyboard_reads_to_the_end_and_declines(eyes: Eyes, stage: StageServer) -> None:
    eyes.see(stage, BY_NAME["consent"].view("en", now_ns()))
    eyes.page.locator("#tongues button").focus()
    eyes.page.keyboard.press("Tab")

    assert eyes.page.evaluate("document.activeElement.id") == "lines"
    eyes.page.keyboard.press("End")
    eyes.page.wait_for_function("() => !document.getElementById('reading').classList.contains('below')")
    eyes.page.keyboard.press("Tab")
    eyes.page.keyboard.press("Tab")
    eyes.page.keyboard.press("Enter")

    taken: list[str] = []
    assert until(lambda: taken.extend(stage.taken()) or taken)
    assert taken == ["DECLINE"]


def test_the_mirror_is_shown_during_a_visit_only_and_forgotten_after(eyes: Eyes, stage: StageServer) -> None:
    shown: dict[str, bool] = {}
    for state in STATES:
        eyes.see(stage, state.view("en", now_ns()))
        shown[state.name] = eyes.page.locator("#mirror").is_visible()
        assert until(lambda shown=shown, state=state: stage.wanted() is shown[state.name]), state.name

    assert shown == {state.name: state.mood in VISIT for state in STATES}
    eyes.see(stage, BY_NAME["look"].view("en", now_ns()))
    eyes.reflect(stage)
    assert eyes.page.evaluate("document.getElementById('mirror').width") == 320
    eyes.see(stage, BY_NAME["done"].view("en", now_ns()))
    assert eyes.page.evaluate("document.getElementById('mirror').width") == 0


def test_a_picture_that_is_none_and_a_mirror_that_stands_still_are_not_shown(
    browser: Browser, panel: Running, stage: StageServer
) -> None:
    with eyes_on(browser, panel, frozen=True) as eyes:
        eyes.see(stage, BY_NAME["look"].view("en", now_ns()))
        eyes.reflect(stage)
        stage.reflect(drawn_visitor(width=200))  # Of those before, one or another may be on its way still.
        eyes.page.wait_for_function("() => document.getElementById('mirror').width === 200")
        stage.reflect(b"\xff\xd8 half a picture")

        eyes.page.clock.run_for(1900)
        still = eyes.page.locator("body.mirrored").count()
        eyes.page.clock.run_for(200)

        assert (still, eyes.page.locator("body.mirrored").count()) == (1, 0)
        assert eyes.complaints == []


def test_the_countdown_ends_at_nought_and_a_new_language_does_not_wind_it_up(
    browser: Browser, panel: Running, stage: StageServer
) -> None:
    state, began_ns = BY_NAME["blink"], now_ns()
    with eyes_on(browser, panel, frozen=True) as eyes:
        eyes.see(stage, state.view("en", began_ns))
        seconds, ring = eyes.page.locator("#seconds"), eyes.page.locator("#left")
        at_first = int(seconds.inner_text())
        eyes.page.clock.run_for(6000)
        later, left = int(seconds.inner_text()), share(ring.get_attribute("style"))

        eyes.see(stage, state.view("zh-CN", began_ns - 6_000_000_000))

        assert (at_first in (11, 12), at_first - later) == (True, 6)
        assert share(ring.get_attribute("style")) == pytest.approx(left, abs=0.15)
        eyes.page.clock.run_for(20_000)
        assert (seconds.inner_text(), share(ring.get_attribute("style"))) == ("0", 0)


def share(style: str | None) -> float:
    """How much of a ring is drawn."""
    return float((style or "").partition("stroke-dasharray:")[2].split(",")[0].split()[0])


def test_what_is_too_long_turns_its_own_pages_until_somebody_touches_it(
    browser: Browser, panel: Running, stage: StageServer
) -> None:
    with eyes_on(browser, panel, frozen=True) as eyes:
        eyes.see(stage, BY_NAME["mismatch"].view("en", now_ns()))
        place = "document.getElementById('lines').scrollTop"
        seen = [eyes.page.evaluate(place)]
        while len(seen) < 2 or seen[-1] > seen[-2]:
            eyes.page.clock.run_for(7000)
            seen.append(eyes.page.evaluate(place))

        assert (len(seen) > 3, seen[-1]) == (True, 0)
        eyes.page.locator("#lines").click()
        eyes.page.clock.run_for(14_000)
        assert eyes.page.evaluate(place) == 0
        eyes.page.clock.run_for(28_000)
        assert eyes.page.evaluate(place) > 0


def test_when_lifecert_edge_is_gone_the_page_says_so_in_both_languages_and_comes_back(
    browser: Browser, alone: Pair, tmp_path: Path
) -> None:
    with eyes_on(browser, alone.panel) as eyes:
        eyes.see(alone.stage, BY_NAME["blink"].view("en", now_ns()))
        alone.stage.__exit__(None, None, None)
        eyes.page.wait_for_selector("body[data-mood=gone]")
        told = eyes.page.locator("#gone").inner_text()
        flaws, pictures, barriers = [], [], eyes.barriers()
        for size in SIZES:
            eyes.at_size(size)
            flaws += eyes.flaws()
            pictures.append(small(eyes.photograph()))

        with StageServer(alone.stage.path) as again:
            eyes.see(again, View("READY", "Back", "", "en", Mood.IDLE))

    assert [words for words in gone_words().values() if words not in told] == []
    assert (flaws, barriers, eyes.complaints) == ([], [], [])
    compare("gone", pictures, tmp_path)


def test_an_operator_types_the_pin_sees_how_the_unit_is_and_orders_a_check(
    browser: Browser, panel: Running, stage: StageServer, tmp_path: Path
) -> None:
    facts = {
        "state": "IDLE",
        "last_reasons": "TOO_FAR NO_FACE",
        "celsius": 48.5,
        "spool_queued": 3,
        "net": "offline",
        "volume": 60,
    }
    stage.tell(Condition({**facts, "doctor.camera": "ok usb:0 gives frames", "doctor.light": "BAD lamp R does not answer"}))
    with eyes_on(browser, panel, "/operator") as eyes:
        page = eyes.page
        barriers, pictures = eyes.barriers(), [small(eyes.photograph())]
        for digit in "000000":
            page.get_by_role("button", name=digit, exact=True).click()
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("Try again in 1 seconds.").wait_for()
        panel.clock.pass_s(1)
        for digit in PIN:
            page.get_by_role("button", name=digit, exact=True).click()
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("lamp R does not answer").wait_for()
        barriers += eyes.barriers()
        for size in SIZES[:3]:
            eyes.at_size(size)
            pictures.append(small(eyes.photograph()))
        page.get_by_role("button", name="Doctor").click()
        page.get_by_label("Volume").fill("80")
        taken: list[str] = []
        assert until(lambda: taken.extend(stage.taken()) or len(taken) == 2)
        page.get_by_role("button", name="Leave").click()
        page.wait_for_url(f"{panel.address}/")

    assert taken == ["DOCTOR", "VOLUME:80"]
    assert barriers == []
    assert {url for url in eyes.asked if not url.startswith(panel.address)} == set()
    compare("operator", pictures, tmp_path)


def test_a_long_press_into_the_corner_leads_staff_to_their_page_and_a_short_one_does_not(
    browser: Browser, panel: Running, stage: StageServer
) -> None:
    with eyes_on(browser, panel, frozen=True) as eyes:
        eyes.see(stage, BY_NAME["idle"].view("en", now_ns()))
        for x, held_ms in ((20, 2900), (400, 4000), (20, 3100)):
            eyes.page.mouse.move(x, 20)
            eyes.page.mouse.down()
            eyes.page.clock.run_for(held_ms)
            if (x, held_ms) != (20, 3100):
                assert eyes.page.url == f"{panel.address}/"
                eyes.page.mouse.up()

        eyes.page.wait_for_url(f"{panel.address}/operator")
