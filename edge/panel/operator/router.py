"""What a browser may ask behind the PIN. The page itself says nothing: all facts come by a stream that needs a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from edge.panel import stream
from edge.panel.audience import Audience, Row
from edge.panel.errors import OrderUnknownError
from edge.panel.meters import Meters
from edge.panel.operator.sessions import LONGEST_S, Sessions
from edge.panel.operator.table import rows_of
from edge.panel.operator.tries import PinDoor
from edge.panel.stage import Stage
from edge.panel.touching import read_word, refuse_foreign, small_body
from edge.showing.messages import Condition
from edge.showing.orders import STEP, VOLUME, Order, is_order
from edge.support_bundle import Told, support_bundle

COOKIE = "lifecert-operator"
PAGE = Path(__file__).parents[1] / "static" / "operator.html"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the operator's page is made of."""

    door: PinDoor
    sessions: Sessions
    stage: Stage
    audience: Audience
    meters: Meters
    versions: Mapping[str, str]
    now_ns: Callable[[], int]


def operator_router(desk: Desk) -> APIRouter:
    """All that lies under /operator."""
    router, in_turn = APIRouter(prefix="/operator"), asyncio.Lock()

    @router.get("")
    async def whole_page() -> Response:
        return FileResponse(PAGE)

    @router.post("/enter", status_code=204)
    async def enter(request: Request, response: Response) -> None:
        refuse_foreign(request.headers)
        pin = read_word(await small_body(request.stream()), "pin", "digits")
        async with in_turn:
            await asyncio.to_thread(desk.door.enter, pin)
        token = desk.sessions.begin()
        response.set_cookie(COOKIE, token, max_age=LONGEST_S, path="/operator", httponly=True, samesite="strict")

    @router.post("/leave", status_code=204)
    async def leave(request: Request, response: Response) -> None:
        refuse_foreign(request.headers)
        desk.sessions.end(request.cookies.get(COOKIE))
        response.delete_cookie(COOKIE, path="/operator")

    @router.post("/order", status_code=204)
    async def order(request: Request) -> None:
        refuse_foreign(request.headers)
        desk.sessions.use(request.cookies.get(COOKIE))
        desk.stage.order(_known_order(read_word(await small_body(request.stream()), "order", Order.DOCTOR)))

    @router.get("/stream")
    async def shown(request: Request) -> Response:
        token = request.cookies.get(COOKIE)
        desk.sessions.use(token)
        return StreamingResponse(_while_in(desk, token), media_type=stream.MEDIA_TYPE)

    @router.get("/bundle")
    async def bundle(request: Request) -> Response:
        desk.sessions.use(request.cookies.get(COOKIE))
        condition = desk.audience.condition.facts if desk.audience.condition else {}
        content = support_bundle(Told(desk.versions, condition, desk.meters.counters()))
        headers = {"Content-Disposition": 'attachment; filename="lifecert-support.zip"'}
        return Response(content, media_type="application/zip", headers=headers)

    return router


def _known_order(order: str) -> str:
    if is_order(order):
        return order
    raise OrderUnknownError(", ".join((*Order, f"{VOLUME}0 to {VOLUME}100 in steps of {STEP}")))


async def _while_in(desk: Desk, token: str | None) -> AsyncIterator[bytes]:
    """The condition as it changes, until the session is over."""
    async for chunk in stream.events(desk.audience.seat(Row.OPERATOR), desk.now_ns, _rows):
        if not desk.sessions.lasts(token):
            return
        yield chunk


def _rows(condition: Condition) -> object:
    rows = rows_of(condition.facts)
    return {"facts": rows.facts, "findings": rows.findings}
