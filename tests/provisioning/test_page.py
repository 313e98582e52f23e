"""The page of the ledger: what it says, what it escapes, and what a browser may do with it."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape

from provisioning.app import ledger_app
from provisioning.ledger.check import LedgerCheck
from provisioning.ledger.models import Cause
from provisioning.ledger.page import LedgerReader
from provisioning.ledger.router import ledger_router
from provisioning.ledger.words import CATEGORIES, CAUSES, STANDINGS, VERDICTS
from tests.provisioning.browser import Browser
from tests.provisioning.fleet import CENTRE, Fleet
from wire.reasons import Category, Reason
from wire.receipt import Standing
from wire.result import Verdict


@pytest.fixture
def browser(lite_fleet: Fleet) -> Browser:
    reader = LedgerReader(lite_fleet.database, LedgerCheck(lite_fleet.database, CENTRE.public_key))
    return Browser(ledger_app(ledger_router(reader)), "http://127.0.0.1:8080")


def visible(html: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_an_empty_ledger_says_so(browser: Browser) -> None:
    answer = browser.get("/")

    assert answer.status_code == 200
    assert "还没有记录 No results have arrived yet" in visible(answer.text)


def test_a_row_says_verdict_reasons_place_and_signature_in_chinese_and_english(browser: Browser, lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    refused = unit.result(lite_fleet.ticket(unit, "案件-7"), verdict=Verdict.REFUSED, reasons=(Reason.FACE_MISMATCH,))
    leaf = lite_fleet.append(unit, refused)

    words = visible(browser.get("/").text)

    for expected in (
        "未通过 Refused",
        "身份 FACE_MISMATCH",
        "案件-7 subject-7f3a",
        f"{unit.name} 第 1 条",
        "0.742 阈值 0.530",
        "终局",
        leaf.envelope_sha256.hex()[:12],
        "✓ 有效",
        "01-15 16:00:00",
    ):
        assert expected in words


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7 * 7 }}", "' onload='x"])
def test_what_a_unit_wrote_is_shown_and_never_obeyed(browser: Browser, lite_fleet: Fleet, text: str) -> None:
    unit = lite_fleet.unit()
    lite_fleet.append(unit, unit.result(lite_fleet.ticket(unit, text)))

    html = browser.get("/").text

    assert "<script" not in html
    assert "<img" not in html
    assert "' onload='" not in html
    assert str(escape(text)) in html


def test_a_tile_counts_what_is_final_and_names_the_rest(browser: Browser, lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    ticket = lite_fleet.ticket(unit)
    for answered in (ticket, ticket, None):
        lite_fleet.append(unit, unit.result(answered))

    assert "1 / 3 通过 Accepted" in visible(browser.get("/").text)


def test_an_edited_row_is_shown_as_not_valid(browser: Browser, lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    lite_fleet.append(unit, unit.result())
    with lite_fleet.database.writing() as transaction:
        transaction.exec_driver_sql("DROP TRIGGER leaves_no_update")
        transaction.exec_driver_sql("UPDATE leaves SET verdict = 'nonsense', reasons = 'MADE_UP'")

    words = visible(browser.get("/").text)

    assert "✗ 无效" in words
    assert "未知 unknown" in words


def test_older_rows_are_one_page_further_and_do_not_refresh(browser: Browser, lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    for _ in range(55):
        lite_fleet.append(unit, unit.result())

    newest, older = browser.get("/").text, browser.get("/?before=5").text

    assert 'href="/?before=5"' in newest
    assert 'http-equiv="refresh"' in newest
    assert 'http-equiv="refresh"' not in older
    assert re.findall(r'class="number leaf">(\d+)<', older) == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("query", ["before=-1", "before=abc", "before=", f"before={2**60}", "before=1%00"])
def test_a_strange_question_is_answered_with_not_found(browser: Browser, query: str) -> None:
    """F72."""
    assert browser.get(f"/?{query}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/static/ledger.css", "/nothing"])
def test_every_answer_forbids_scripts_frames_and_foreign_sources(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_loads_nothing_but_its_own_style(browser: Browser) -> None:
    html = browser.get("/").text

    assert re.findall(r'(?:src|href)="([^"]*)"', html) == ["/static/ledger.css"]
    assert "style=" not in html
    assert "url(" not in browser.get("/static/ledger.css").text


def test_another_host_name_is_refused(browser: Browser) -> None:
    """A foreign page cannot point its own name at this machine and read the ledger."""
    assert browser.get("/", headers={"Host": "ledger.attacker.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/redoc", "/static/../app.py", "/static/%2e%2e/app.py"])
def test_there_is_nothing_else(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_page_can_only_be_read(browser: Browser, method: str) -> None:
    assert browser.request(method, "/").status_code == 405


def test_every_word_has_its_text_in_both_languages() -> None:
    for words, texts in ((Verdict, VERDICTS), (Standing, STANDINGS), (Cause, CAUSES), (Category, CATEGORIES)):
        assert set(words) == set(texts)
        assert all(text.zh and text.en for text in texts.values())
