"""The two web applications of the centre: enrolment for units, and the page of the ledger for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provisioning.auth import CHALLENGE
from provisioning.errors import (
    DatabaseUnavailableError,
    EnrolmentRefusedError,
    ProvisioningError,
    Refusal,
    RequestRefusedError,
    RequestTooLargeError,
    RequestTypeUnknownError,
)

Application = FastAPI
"""A web application, as `server` runs it."""

_STATUS: Mapping[type[ProvisioningError], int] = {
    RequestRefusedError: 400,
    EnrolmentRefusedError: 401,
    RequestTooLargeError: 413,
    RequestTypeUnknownError: 415,
    DatabaseUnavailableError: 503,
}

_GUARDS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


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


def enrolment_app(router: APIRouter) -> Application:
    """What units reach from outside, over TLS."""
    app = _bare_app()
    app.include_router(router)
    return app


def ledger_app(router: APIRouter) -> Application:
    """What people see on the machine of the centre; a page of another site cannot read it under its own name."""
    app = _bare_app()
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]", "::1"])
    return app


def _bare_app() -> Application:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_exception_handler(ProvisioningError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_unknown)
    app.add_middleware(GuardingHeaders)
    return app


async def _answer_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProvisioningError)  # noqa: S101 - registered for this type only
    status = _STATUS.get(type(error), 500)
    headers = {"WWW-Authenticate": CHALLENGE} if status == 401 else {}
    if isinstance(error, EnrolmentRefusedError) and error.refusal is Refusal.KEY_REUSED:
        status, headers = 400, {}
    return JSONResponse({"error": {"code": error.code, "message": str(error)}}, status, headers)


async def _answer_unknown(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"error": {"code": "not_found", "message": "there is nothing at this address"}}, 404)
