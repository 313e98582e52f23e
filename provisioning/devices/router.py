"""Enrolment over HTTP: EST (RFC 7030, RFC 8951) and the keys of the centre."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from provisioning.auth import read_basic
from provisioning.ca.models import Use
from provisioning.ca.request import MAX_BYTES
from provisioning.ca.transfer import CONTENT_TYPE, certs_only
from provisioning.devices.enrolment import Enrolment
from provisioning.devices.models import Credentials
from provisioning.errors import RequestTooLargeError, RequestTypeUnknownError
from wire.enrolment import CENTRE_KEYS_PATH, EST_ROOT
from wire.keys import Certificate, PublicKey, public_der

REQUEST_TYPE = "application/pkcs10"


@dataclass(frozen=True, slots=True)
class CentreFacts:
    """What anyone may know about this centre."""

    bundle: tuple[Certificate, ...]
    """Issuing and root certificate."""
    signing_keys: tuple[PublicKey, ...]
    """Keys of ticket and receipt."""
    broker_host: str
    broker_port: int


async def _capped_body(request: Request) -> bytes:
    """Read the body without ever holding more than a request may have."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise RequestTooLargeError(MAX_BYTES)
    return body


def _request_type(content_type: Annotated[str, Header()] = "") -> None:
    if content_type.partition(";")[0].strip().lower() != REQUEST_TYPE:
        raise RequestTypeUnknownError


def _shown(authorization: Annotated[str | None, Header()] = None) -> Credentials:
    return read_basic(authorization)


def enrolment_router(enrolment: Enrolment, facts: CentreFacts) -> APIRouter:
    """The routes that units use before they have a certificate."""
    router = APIRouter()

    @router.get(f"{EST_ROOT}/cacerts")
    def cacerts() -> Response:
        return _transfer(certs_only(facts.bundle))

    @router.post(f"{EST_ROOT}/{{use}}/simpleenroll", dependencies=[Depends(_request_type)])
    def simpleenroll(
        use: Use, shown: Annotated[Credentials, Depends(_shown)], body: Annotated[bytes, Depends(_capped_body)]
    ) -> Response:
        return _transfer(certs_only([enrolment.enrol(shown, use, body)]))

    @router.get(CENTRE_KEYS_PATH)
    def centre_keys() -> dict[str, object]:
        return {
            "keys": [base64.b64encode(public_der(key)).decode() for key in facts.signing_keys],
            "broker": {"host": facts.broker_host, "port": facts.broker_port},
        }

    return router


def _transfer(body: bytes) -> Response:
    return Response(body, media_type=CONTENT_TYPE, headers={"Content-Transfer-Encoding": "base64"})
