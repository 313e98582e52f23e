"""Names, claims and addresses of enrolment (EST, RFC 7030) that unit and centre must spell alike."""

from __future__ import annotations

import re

from wire.errors import StatementInvalidError

EST_ROOT = "/.well-known/est"
"""Path of the EST server (RFC 7030, 3.2.2)."""

EST_TLS_LABEL = "tls"
"""EST label of the profile for TLS client certificates."""

EST_RESULT_LABEL = "result"
"""EST label of the profile for result-signing certificates."""

CENTRE_KEYS_PATH = "/enrol/v1/centre-keys"
"""Where a unit, once enrolled, reads the public keys of ticket and receipt."""

_UNIT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{4,38})[a-z0-9]")
"""A slash in a name would open the topics of another unit, so the grammar is narrow."""

_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")


def read_unit_name(text: str) -> str:
    """Return the text if it can name a unit: 6 to 40 of a-z, 0-9 and inner hyphens; else `StatementInvalidError`."""
    if not _UNIT_NAME.fullmatch(text):
        raise StatementInvalidError("unit", "a unit name has 6 to 40 of a-z, 0-9 and inner hyphens")
    return text


def read_serial(text: str) -> str:
    """Return the text if it can be a serial number: 3 to 32 of A-Z, 0-9 and hyphens; else `StatementInvalidError`."""
    if not _SERIAL.fullmatch(text):
        raise StatementInvalidError("serial", "a serial number has 3 to 32 of A-Z, 0-9 and hyphens")
    return text
