"""Log lines: one JSON object a line with time, level, name, event and fields, whatever is logged."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.log import EventFormatter, log_to_stderr

log = logging.getLogger("lifecert.test")


class Tape:
    """What was written, line by line."""

    def __init__(self) -> None:
        # Strict ASCII, as a terminal without a language may be.
        self._bytes = io.BytesIO()
        self.stream = io.TextIOWrapper(self._bytes, encoding="ascii", write_through=True)

    @property
    def lines(self) -> list[str]:
        return self._bytes.getvalue().decode("ascii").split("\n")

    def only(self) -> dict[str, object]:
        """The one object that was written."""
        (line, rest) = self.lines
        assert rest == ""
        found = json.loads(line)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def tape() -> Iterator[Tape]:
    tape = Tape()
    handler = logging.StreamHandler(tape.stream)
    handler.setFormatter(EventFormatter())
    log.addHandler(handler)
    yield tape
    log.removeHandler(handler)


def test_an_event_is_one_object_with_its_fields(tape: Tape) -> None:
    log.warning("result %s", "queued", extra={"sequence": 7, "verdict": "refused"})

    written = tape.only()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(written.pop("time")))
    assert written == {
        "level": "warning",
        "name": "lifecert.test",
        "event": "result queued",
        "sequence": 7,
        "verdict": "refused",
    }


def test_the_time_is_that_of_the_world_not_of_the_place() -> None:
    record = logging.makeLogRecord({"created": 1_800_000_000.7})

    assert json.loads(EventFormatter().format(record))["time"] == "2027-01-15T08:00:00Z"


def test_an_error_is_named_and_leaves_no_traceback(tape: Tape) -> None:
    try:
        raise OSError("/var/lib/lifecert/secret")
    except OSError:
        log.exception("disk failed")

    written = tape.only()
    assert written["error"] == "OSError"
    assert "secret" not in str(written)
    assert "Traceback" not in str(written)


@pytest.mark.parametrize(
    "words", ["two\nlines", "\r\n", "\u2028 \u2029 \x85 \x0b \x0c", "请看屏幕", "\udce4\udcb8", '"}{"', "\x00\x1b[31m"]
)
def test_no_words_can_break_a_line_or_stop_the_log(tape: Tape, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.error("%s", words, extra={"what": words})

    written = tape.only()
    assert (written["event"], written["what"]) == (words, words)
    assert len(tape.lines[0].splitlines()) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("value", [Path("clip.mp4"), b"\x00\xff", OSError("gone"), {1, 2}, object(), float("nan")])
def test_any_value_can_be_a_field(tape: Tape, value: object) -> None:
    log.info("seen", extra={"value": value})

    assert "value" in tape.only()


def test_a_field_never_takes_the_place_of_the_event(tape: Tape) -> None:
    log.info("seen", extra={"event": "forged", "level": "none", "time": "never"})

    written = tape.only()
    assert (written["event"], written["level"]) == ("seen", "info")
    assert written["time"] != "never"


def test_the_programs_log_to_stderr_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    root, tape = logging.getLogger(), Tape()
    before = (root.handlers, root.level)
    monkeypatch.setattr(sys, "stderr", tape.stream)

    try:
        log_to_stderr(logging.WARNING)
        log.info("not told")
        log.warning("told")
    finally:
        root.handlers, root.level = before[0], before[1]

    assert tape.only()["event"] == "told"
