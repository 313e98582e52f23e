"""What a browser is sent: server-sent events, one JSON object each."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager

from edge.panel.audience import Seat, Shown
from edge.panel.stage import Gone
from edge.showing.messages import Condition, Progress, Reflection
from firmware.ports import View

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE_S = 15.0
"""So often a comment is sent when there is nothing else, and a browser that is gone is noticed."""

NowNs = Callable[[], int]
"""The unit's monotonic clock, the same that `lifecert-edge` reads."""
Told = Callable[[Condition], object]
"""What a condition looks like to who asks."""


async def events(
    seat: AbstractContextManager[Seat], now_ns: NowNs, told: Told = lambda condition: dict(condition.facts)
) -> AsyncIterator[bytes]:
    """All that a seat is given, as bytes of the stream, until it must go."""
    with seat as taken:
        yield b"retry: 1000\n\n"
        while (news := await taken.next(KEEP_ALIVE_S)) is not None:
            for message in news:
                yield event(message, now_ns, told)
            if not news:
                yield b": still here\n\n"


def event(message: Shown, now_ns: NowNs, told: Told) -> bytes:
    """One message as one event."""
    match message:
        case View():
            return _event("view", view_body(message, now_ns()))
        case Gone():
            return _event("gone", {})
        case Progress(done):
            return _event("progress", {"done": done})
        case Reflection(jpeg):
            return _event("mirror", {"jpeg": base64.b64encode(jpeg).decode("ascii")})
        case Condition():
            return _event("condition", told(message))


def view_body(view: View, now_ns: int) -> Mapping[str, object]:
    """A view as the page takes it. A browser has no clock of the unit: it is told the seconds that are left."""
    left_s = None if view.until_ns is None else max(0.0, round((view.until_ns - now_ns) / 1e9, 1))
    return {
        "code": view.code,
        "mood": view.mood.value,
        "language": view.language,
        "title": view.title,
        "remedy": view.remedy,
        "lines": list(view.lines),
        "choices": [{"code": choice.code, "words": choice.words} for choice in view.choices],
        "left_s": left_s,
        "number": view.number,
    }


def _event(name: str, body: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n".encode()
