"""What a browser may say: small JSON from our own page, of a choice that stands on the screen, not too often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from edge.panel.audience import Audience
from edge.panel.errors import (
    ChoiceNotOfferedError,
    RequestForeignError,
    RequestOversizedError,
    RequestSlowError,
    RequestUnreadableError,
    StageGoneError,
    TouchedTooOftenError,
)
from edge.showing.messages import Touch, is_number
from firmware.ports import View

MOST_BYTES = 256
WITHIN_S = 5.0


def refuse_foreign(headers: Mapping[str, str]) -> None:
    """`RequestForeignError` unless the page of this very panel sent it, as JSON. No other site's page can do so unasked."""
    same = headers.get("origin") == f"http://{headers.get('host')}"
    site = headers.get("sec-fetch-site", "same-origin")
    if not same or site != "same-origin" or headers.get("content-type", "").partition(";")[0] != "application/json":
        raise RequestForeignError


async def small_body(chunks: AsyncIterator[bytes], most: int = MOST_BYTES, within_s: float = WITHIN_S) -> bytes:
    """The whole of a request; never more than this is held."""
    body = b""
    try:
        async with asyncio.timeout(within_s):
            async for chunk in chunks:
                body += chunk
                if len(body) > most:
                    raise RequestOversizedError(most)
    except TimeoutError as error:
        raise RequestSlowError(within_s) from error
    return body


def read_word(body: bytes, key: str, example: str) -> str:
    """The one text of an object with one key; `RequestUnreadableError` for anything else."""
    wanted = f'{{"{key}": "{example}"}}'
    match _read(body, wanted):
        case {**fields} if set(fields) == {key} and isinstance(fields[key], str):
            return str(fields[key])
    raise RequestUnreadableError(wanted)


def read_touch(body: bytes) -> Touch:
    """What was touched, and on which showing of a view; `RequestUnreadableError` for anything else."""
    wanted = '{"choice": "AGREE", "view": 7}'
    match _read(body, wanted):
        case {"choice": str() as choice, "view": int() as view, **more} if not more and is_number(view):
            return Touch(choice, view)
    raise RequestUnreadableError(wanted)


def _read(body: bytes, wanted: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestUnreadableError(wanted) from error


@dataclass(slots=True, eq=False)
class Bucket:
    """So many at once, and so many a second for long."""

    now_s: Callable[[], float]
    most: float = 8.0
    per_second: float = 3.0
    _left: float = 8.0
    _at_s: float = 0.0

    def take(self) -> None:
        """Take one; `TouchedTooOftenError` when there is none."""
        now_s = self.now_s()
        self._left = min(self.most, self._left + (now_s - self._at_s) * self.per_second)
        self._at_s = now_s
        if self._left < 1:
            raise TouchedTooOftenError
        self._left -= 1


def offered(audience: Audience, touch: Touch) -> Touch:
    """The touch, if its choice stands on the screen now. Whether it stood there when it was touched, `lifecert-edge` says."""
    if not isinstance(audience.view, View):
        raise StageGoneError
    if touch.choice not in [each.code for each in audience.view.choices]:
        raise ChoiceNotOfferedError
    return touch
