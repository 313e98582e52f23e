"""What a browser may ask of a running panel, what it is shown, and that rubbish leaves the panel alive."""

from __future__ import annotations

import base64
import json
import socket
import time
from contextlib import suppress
from dataclasses import replace
from itertools import islice, takewhile

import pytest

from edge.panel.stream import view_body
from edge.showing.messages import Condition
from edge.showing.server import StageServer
from firmware.ports import Choice, Mood, View
from tests.edge.panel.conftest import Pair
from tests.edge.panel.running import Running, until

CONSENT = View(
    *("CONSENT", "May this unit check your face?", "Press the button.", "en", Mood.CONSENT, ("One.", "Two.")),
    choices=(Choice("AGREE", "I agree"), Choice("LANGUAGE:zh-CN", "中文")),
)


def shown(panel: Running, stage: StageServer, view: View = CONSENT) -> None:
    """Show a view, and wait until the panel stands there."""
    stage.show(view)
    with panel.events() as events:
        assert next(body for name, body in events if name == "view")["code"] == view.code


def code_of(answer: object) -> str:
    return str(json.loads(getattr(answer, "text", ""))["error"]["code"])


def test_a_view_is_streamed_with_the_seconds_that_are_left_and_without_a_time_of_the_unit(
    panel: Running, stage: StageServer
) -> None:
    until_ns = time.monotonic_ns() + 30_000_000_000
    stage.show(View("ASK_BLINK", "Blink", "Take your time.", "en", Mood.ACTION, until_ns=until_ns))
    stage.progress(0.25)

    with panel.events() as events:
        seen = dict(islice((each for each in events if each[0] != "gone"), 2))

    assert 20 < float(str(seen["view"].pop("left_s"))) <= 30
    assert seen["view"].pop("number") == stage.last_number
    assert seen == {
        "view": {
            "code": "ASK_BLINK",
            "mood": "action",
            "language": "en",
            "title": "Blink",
            "remedy": "Take your time.",
            "lines": [],
            "choices": [],
        },
        "progress": {"done": 0.25},
    }


def test_time_that_is_over_is_none_left_and_a_view_without_end_has_none() -> None:
    assert view_body(View("A", "t", "", "en", until_ns=5), now_ns=10)["left_s"] == 0
    assert view_body(View("A", "t", "", "en"), now_ns=10)["left_s"] is None


def test_words_with_line_breaks_and_of_any_script_come_through_whole(panel: Running, stage: StageServer) -> None:
    title = "一行\n\nevent: view\ndata: {}\r二行 \u2028"
    stage.show(View("ODD", title, "", "zh-CN"))

    with panel.events() as events:
        body = next(body for name, body in events if name == "view")

    assert body["title"] == title


def test_the_mirror_is_asked_for_only_while_somebody_looks(panel: Running, stage: StageServer) -> None:
    stage.show(CONSENT)
    with panel.events(), panel.events("/mirror") as mirror:
        assert until(stage.wanted)
        stage.reflect(b"\xff\xd8picture")

        assert next(mirror) == ("mirror", {"jpeg": base64.b64encode(b"\xff\xd8picture").decode()})
    assert until(lambda: not stage.wanted())


def test_pictures_and_conditions_are_not_on_the_stream_of_the_screen(panel: Running, stage: StageServer) -> None:
    with panel.events() as events, panel.events("/mirror"):
        assert until(stage.wanted)
        stage.tell(Condition({"free_mib": 3}))
        stage.reflect(b"picture")
        stage.show(CONSENT)

        seen = [name for name, _ in takewhile(lambda event: event[1].get("code") != "CONSENT", events)]

    assert set(seen) <= {"gone"}


def test_when_lifecert_edge_goes_the_page_is_told(alone: Pair) -> None:
    with alone.panel.events() as events:
        alone.stage.show(CONSENT)
        assert any(name == "view" for name, _ in events)
        alone.stage.__exit__(None, None, None)

        assert next(events) == ("gone", {})
    assert alone.panel.client.get("/healthz").json() == {"panel": "ok", "stage": "gone"}
    assert code_of(alone.panel.touch("AGREE")) == "gone"


def test_a_choice_that_stands_on_the_screen_is_passed_on(panel: Running, stage: StageServer) -> None:
    shown(panel, stage)

    answers = [panel.touch(choice).status_code for choice in ("AGREE", "LANGUAGE:zh-CN")]

    taken: list[str] = []
    assert until(lambda: taken.extend(stage.taken()) or len(taken) == 2)
    assert (answers, taken) == ([204, 204], ["AGREE", "LANGUAGE:zh-CN"])


def test_who_agrees_on_a_page_that_shows_the_question_before_has_not_agreed_to_this_one(
    panel: Running, stage: StageServer
) -> None:
    shown(panel, stage)
    former = panel.number()
    stage.show(View("CANCELLED", "Cancelled", "", "en", Mood.REFUSED))
    shown(panel, stage, replace(CONSENT, lines=("Somebody else asks you.",)))

    panel.touch("AGREE", former)
    panel.touch("LANGUAGE:zh-CN")

    taken: list[str] = []
    assert until(lambda: taken.extend(stage.taken()) or "LANGUAGE:zh-CN" in taken)
    assert taken == ["LANGUAGE:zh-CN"]


@pytest.mark.parametrize("choice", ["CANCEL", "DOCTOR", "VOLUME:0", "", "agree", "../x", "A" * 33])
def test_what_does_not_stand_on_the_screen_cannot_be_touched(panel: Running, stage: StageServer, choice: str) -> None:
    shown(panel, stage)

    answer = panel.touch(choice)

    assert (answer.status_code, code_of(answer)) == (409, "not_offered")
    assert stage.taken() == ()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        *((rubbish, 400, "unreadable") for rubbish in (b"", b"{", b"\xff", b"[]", b"1", b'"AGREE"', b"[" * 250, b"null")),
        *((rubbish, 400, "unreadable") for rubbish in (b"{}", b'{"choice": "AGREE"}', b'{"choice": 1, "view": 1}')),
        *((rubbish, 400, "unreadable") for rubbish in (b'{"choice": "AGREE", "view": 1, "more": 1}', b'{"view": 1}')),
        *((rubbish, 400, "unreadable") for rubbish in (b'{"choice": "AGREE", "view": true}', b'{"choice": "AGREE", "view": -1}')),
        (b'{"choice": "' + b"A" * 300 + b'"}', 413, "too_large"),
        (b" " * 100_000, 413, "too_large"),
    ],
)
def test_rubbish_is_refused_by_name_and_the_panel_lives(
    panel: Running, stage: StageServer, body: bytes, status: int, code: str
) -> None:
    shown(panel, stage)

    answer = panel.post("/touch", body)

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert stage.taken() == ()
    assert panel.touch("AGREE").status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_another_page_cannot_touch(panel: Running, stage: StageServer, headers: dict[str, str]) -> None:
    shown(panel, stage)

    answer = panel.post("/touch", {"choice": "AGREE", "view": panel.number()}, **headers)

    assert (answer.status_code, code_of(answer)) == (403, "foreign")
    assert stage.taken() == ()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8377", "127.0.0.1.evil.example"])
def test_under_another_name_nothing_is_answered(panel: Running, host: str) -> None:
    answers = [panel.client.get(path, headers={"host": host}).status_code for path in ("/", "/stream", "/metrics", "/operator")]

    assert answers == [400] * 4


def test_whoever_hammers_the_screen_is_slowed_down_and_heard_again_later(panel: Running, stage: StageServer) -> None:
    shown(panel, stage)

    number = panel.number()
    codes = [panel.touch("AGREE", number).status_code for _ in range(30)]

    assert codes == [204] * 8 + [429] * 22
    panel.clock.pass_s(1)
    assert [panel.touch("AGREE").status_code for _ in range(4)] == [204, 204, 204, 429]


def test_every_answer_keeps_the_browser_from_anything_else(panel: Running) -> None:
    for path in ("/", "/static/page.js", "/healthz", "/operator", "/nothing"):
        headers = panel.client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/static/", "/static/../service.py", "/static/%2e%2e/service.py", "/x"]
)
def test_there_is_nothing_else(panel: Running, path: str) -> None:
    answer = panel.client.get(path)

    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_request_is_counted_and_the_condition_measured(alone: Pair) -> None:
    panel, stage = alone.panel, alone.stage
    stage.tell(
        Condition(
            {"celsius": 48.5, "spool_queued": 3, "state": "IDLE", "enrolled": True, "unknown": 7, "last_reasons": "TOO_FAR x"}
        )
    )
    shown(panel, stage)
    panel.touch("AGREE")
    panel.touch("CANCEL")

    text = panel.client.get("/metrics").text

    lines = set(text.splitlines())
    assert {
        *("lifecert_celsius 48.5", "lifecert_spool_queued 3.0", "lifecert_enrolled 1.0", "lifecert_panel_touches_total 1.0"),
        *('lifecert_word{name="state",value="IDLE"} 1.0', 'lifecert_word{name="last_reasons",value="TOO_FAR"} 1.0'),
        *('lifecert_panel_refusals_total{why="not_offered"} 1.0', 'lifecert_panel_views_total{mood="consent"} 1.0'),
        "lifecert_panel_stage_here 1.0",
    } <= lines
    assert "unknown" not in text


def test_raw_rubbish_on_the_port_leaves_the_panel_alive(panel: Running, stage: StageServer) -> None:
    for rubbish in (
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"A" * 200_000,
        b"POST /touch HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ):
        # It may hang up on us at any point.
        with socket.create_connection(("127.0.0.1", panel.port), timeout=5) as line, suppress(ConnectionError):
            line.sendall(rubbish)
            line.shutdown(socket.SHUT_WR)
            while line.recv(65_536):
                pass

    shown(panel, stage)
    assert panel.touch("AGREE").status_code == 204
