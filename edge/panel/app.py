"""The application: page, streams, touches, health and meters. Only this machine can ask, and only our own page can touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.panel import errors, meters, stream
from edge.panel.audience import Audience, Row
from edge.panel.meters import Meters
from edge.panel.page import page
from edge.panel.stage import Stage
from edge.panel.touching import Bucket, offered, read_touch, refuse_foreign, small_body

STATIC = Path(__file__).with_name("static")
HOSTS = ["127.0.0.1", "localhost"]
"""Names under which the page may be asked for: a page of another site cannot read it by pointing its own name here."""

_STATUS: Mapping[type[errors.PanelError], int] = {
    errors.RequestForeignError: 403,
    errors.RequestOversizedError: 413,
    errors.RequestUnreadableError: 400,
    errors.RequestSlowError: 408,
    errors.ChoiceNotOfferedError: 409,
    errors.TouchedTooOftenError: 429,
    errors.StageGoneError: 503,
    errors.PinRefusedError: 401,
    errors.PinWaitError: 429,
    errors.PinFileUnusableError: 503,
    errors.OperatorUnknownError: 401,
    errors.OrderUnknownError: 400,
}

_GUARDS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of."""

    stage: Stage
    audience: Audience
    meters: Meters
    now_ns: Callable[[], int]
    now_s: Callable[[], float]


class GuardingHeaders:
    """Adds to every answer the headers that keep a browser from doing more than show it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in _GUARDS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive, send_guarded)


def panel_app(parts: Parts, operator: APIRouter) -> FastAPI:
    """All that a browser on this machine can ask."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_visitor(parts))
    app.include_router(operator)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_exception_handler(errors.PanelError, _answer_with(parts.meters))
    app.add_exception_handler(HTTPException, _answer_unknown)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    app.add_middleware(GuardingHeaders)
    return app


def _visitor(parts: Parts) -> APIRouter:
    router, whole_page, bucket = APIRouter(), page(STATIC), Bucket(parts.now_s)

    @router.get("/", response_class=HTMLResponse)
    async def screen() -> str:
        return whole_page

    @router.get("/stream")
    async def shown() -> Response:
        return StreamingResponse(stream.events(parts.audience.seat(Row.SCREEN), parts.now_ns), media_type=stream.MEDIA_TYPE)

    @router.get("/mirror")
    async def mirror() -> Response:
        return StreamingResponse(stream.events(parts.audience.seat(Row.MIRROR), parts.now_ns), media_type=stream.MEDIA_TYPE)

    @router.post("/touch", status_code=204)
    async def touch(request: Request) -> None:
        refuse_foreign(request.headers)
        made = read_touch(await small_body(request.stream()))
        bucket.take()
        parts.stage.touch(offered(parts.audience, made))
        parts.meters.touches.inc()

    @router.get("/healthz")
    async def health() -> Mapping[str, object]:
        return {"panel": "ok", "stage": "here" if parts.stage.connected else "gone"}

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(parts.meters.page(), headers={"Content-Type": meters.MEDIA_TYPE})

    return router


def _answer_with(counted: Meters) -> Callable[[Request, Exception], JSONResponse]:
    def answer(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, errors.PanelError)  # noqa: S101 - registered for this type only
        counted.refusals.labels(error.code).inc()
        wait_s = getattr(error, "wait_s", None)
        headers = {"Retry-After": str(wait_s)} if wait_s else {}
        body = {"code": error.code, "message": str(error), "wait_s": wait_s}
        return JSONResponse({"error": body}, _STATUS.get(type(error), 500), headers)

    return answer


def _answer_unknown(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return JSONResponse({"error": {"code": "not_found", "message": "there is nothing like this at this address"}}, status)
