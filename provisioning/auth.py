"""How a unit shows its claim: HTTP Basic authentication (RFC 7617), serial number and claim (RFC 7030, 3.2.3)."""

from __future__ import annotations

import base64
import binascii

from provisioning.devices.models import Credentials
from provisioning.errors import EnrolmentRefusedError, Refusal
from wire.enrolment import read_serial
from wire.errors import StatementInvalidError

CHALLENGE = 'Basic realm="lifecert enrolment", charset="UTF-8"'

_NO_SERIAL = "-"
"""Stands for whatever is not a serial number: it is no unit's, and the check costs the same."""


def read_basic(header: str | None) -> Credentials:
    """Read an Authorization header; `EnrolmentRefusedError` when it is missing or is not Basic.

    A name that is no serial number becomes one that no unit has, so that it is refused as every wrong claim is.
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        raise EnrolmentRefusedError(Refusal.CLAIM_MISSING)
    try:
        serial, separator, claim = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError) as error:
        raise EnrolmentRefusedError(Refusal.CLAIM_MISSING) from error
    if not separator:
        raise EnrolmentRefusedError(Refusal.CLAIM_MISSING)
    return Credentials(_serial(serial), claim)


def _serial(text: str) -> str:
    try:
        return read_serial(text)
    except StatementInvalidError:
        return _NO_SERIAL
