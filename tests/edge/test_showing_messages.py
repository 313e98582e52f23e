"""What may pass over the stage socket, and what is refused."""

import json
from dataclasses import replace

import pytest

from edge.showing.errors import StageLineError
from edge.showing.messages import (
    LONGEST_DOWN_BYTES,
    LONGEST_UP_BYTES,
    MOST_CHOICES,
    MOST_LINES,
    Condition,
    Down,
    Ordered,
    Progress,
    Reflection,
    Touch,
    Up,
    Watching,
    down_line,
    read_down,
    read_up,
    up_line,
)
from firmware.ports import Choice, Mood, View

CONSENT = View(
    *("CONSENT", "请您同意", "", "zh-CN", Mood.CONSENT, ("第一条", "第二条")),
    choices=(Choice("AGREE", "同意"), Choice("DECLINE", "不同意")),
    until_ns=12_000_000_000,
    number=7,
)
PLAIN = View("READY", "Please sit down", "", "en")


@pytest.mark.parametrize(
    "message",
    [
        CONSENT,
        PLAIN,
        Progress(0.0),
        Progress(0.25),
        Reflection(b"\xff\xd8jpeg"),
        Condition({"hot": False, "celsius": 41.5, "net": None}),
    ],
)
def test_what_is_sent_down_is_what_is_read(message: Down) -> None:
    line = down_line(message)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read_down(line) == message


def test_the_number_of_a_showing_goes_down_with_it_and_is_no_part_of_what_it_says() -> None:
    read = read_down(down_line(CONSENT))

    assert isinstance(read, View)
    assert read.number == 7
    assert replace(CONSENT, number=8) == CONSENT


@pytest.mark.parametrize(
    "message", [Touch("AGREE", 1), Touch("LANGUAGE:zh-CN", 2**53 - 1), Ordered("DOCTOR"), Watching(True), Watching(False)]
)
def test_what_is_sent_up_is_what_is_read(message: Up) -> None:
    assert read_up(up_line(message)) == message


def test_progress_beyond_its_ends_is_told_as_the_end() -> None:
    assert [read_down(down_line(Progress(done))) for done in (-1.0, 7.0)] == [Progress(0.0), Progress(1.0)]


@pytest.mark.parametrize(
    "body",
    [
        *(
            [],
            1,
            "x",
            None,
            {},
            {"other": 1},
            {"done": True},
            {"done": 1.5},
            {"done": -0.1},
            {"done": "1"},
            {"done": 0.5, "more": 1},
        ),
        *({"mirror": "?"}, {"mirror": 1}, {"condition": []}, {"condition": {"a": []}}, {"view": []}, {"view": {}}),
    ],
)
def test_what_is_no_message_is_refused(body: object) -> None:
    with pytest.raises(StageLineError):
        read_down(json.dumps(body).encode())


@pytest.mark.parametrize(
    "change",
    [
        *(
            {"title": 1},
            {"mood": "angry"},
            {"more": 1},
            {"lines": "x"},
            {"lines": [1]},
            {"lines": ["x"] * (MOST_LINES + 1)},
            {"until_ns": 1.5},
            {"number": 1.0},
            {"number": -1},
            {"number": True},
            {"number": 2**53},
        ),
        *(
            {"until_ns": True},
            {"choices": "x"},
            {"choices": [["a b", "x"]]},
            {"choices": [["A"]]},
            {"choices": [["A", 1]]},
            {"choices": ["AB"]},
        ),
        *({"choices": [["A", "x"]] * (MOST_CHOICES + 1)}, {"choices": [["A" * 33, "x"]]}, {"choices": [["", "x"]]}),
    ],
)
def test_a_view_with_one_wrong_field_is_refused(change: dict[str, object]) -> None:
    body = json.loads(down_line(CONSENT))["view"] | change

    with pytest.raises(StageLineError):
        read_down(json.dumps({"view": body}).encode())


@pytest.mark.parametrize("key", ["code", "title", "remedy", "language", "mood", "lines", "choices", "until_ns", "number"])
def test_a_view_that_lacks_a_field_is_refused(key: str) -> None:
    body = json.loads(down_line(CONSENT))["view"]
    del body[key]

    with pytest.raises(StageLineError):
        read_down(json.dumps({"view": body}).encode())


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"{", b"\xff", b"[" * 100_000, b'{"touch": "A"}', b'{"touch": "A", "x": 1}'),
        *(b'{"touch": 1, "view": 1}', b'{"touch": "", "view": 1}', b'{"touch": "a b", "view": 1}'),
        *(b'{"touch": "A", "view": 1, "x": 1}', b'{"touch": "A", "view": true}', b'{"touch": "A", "view": -1}'),
        *(b'{"touch": "A", "view": 9007199254740992}', b'{"touch": "A", "view": 1.5}', b'{"touch": "A", "view": "1"}'),
        *(b'{"order": "AGREE"}', b'{"order": 1}', b'{"order": "DOCTOR", "x": 1}', b'{"order": "VOLUME:31"}'),
        *(b'{"watching": 1}', b'{"watching": true, "x": 1}', b'{"view": {}}', b'{"touch": "' + b"A" * 33 + b'", "view": 1}'),
    ],
)
def test_a_panel_can_touch_order_and_look_and_say_nothing_else(line: bytes) -> None:
    with pytest.raises(StageLineError):
        read_up(line)


def test_lines_that_are_too_long_are_not_even_read() -> None:
    with pytest.raises(StageLineError, match=str(LONGEST_UP_BYTES)):
        read_up(b'{"touch":"A","view":1}' + b" " * LONGEST_UP_BYTES)
    with pytest.raises(StageLineError, match=str(LONGEST_DOWN_BYTES)):
        read_down(b'{"done":1}' + b" " * LONGEST_DOWN_BYTES)
