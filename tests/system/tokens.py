"""The bytes behind a token."""

from __future__ import annotations

import base64


def envelope_of(token: str) -> bytes:
    """The envelope that a token spells in base64url without padding."""
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
