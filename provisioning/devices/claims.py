"""Rules of enrolment, as functions of facts: is this claim good, and may this key have a certificate by it?"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provisioning.ca.models import Issued, Use
from provisioning.devices.models import Claim, DeviceState
from provisioning.errors import Refusal
from wire.keys import KeyId

Randomness = Callable[[int], bytes]
"""Gives that many random bytes, fit for keys."""

CLAIM_BYTES = 16
_PADDING = "======"
_NO_DIGEST = bytes(32)
"""Compared with where there is no claim, so that an unknown serial number takes as long as a known one."""


def claim_text(secret: bytes) -> str:
    """A claim as it is typed: base32 without padding (RFC 4648, 6)."""
    return base64.b32encode(secret).decode().rstrip("=")


def claim_digest(text: str) -> bytes:
    """What is kept of a claim. A text that is none has a digest that fits nothing."""
    try:
        secret = base64.b32decode(text.strip().upper() + _PADDING)
    except (binascii.Error, ValueError):
        secret = b""
    return hashlib.sha256(secret).digest()


def judge_claim(claim: Claim | None, shown: bytes, now_s: int, tries: int) -> Refusal | None:
    """Whether what was shown (its digest) is the newest claim of the serial number, and still alive; None means yes."""
    fits = hmac.compare_digest(claim.digest if claim else _NO_DIGEST, shown)
    if claim is None or not fits:
        return Refusal.CLAIM_WRONG
    if claim.failures >= tries:
        return Refusal.CLAIM_LOCKED
    if now_s >= claim.expires_at_s:
        return Refusal.CLAIM_EXPIRED
    return None


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same key asks again: it gets the same bytes (a unit may lose power between issuing and storing, F50)."""

    issued: Issued


@dataclass(frozen=True, slots=True)
class Issue:
    """A certificate is to be issued."""

    completes: bool
    """Whether the unit then has both."""


def plan_certificate(
    use: Use, key: KeyId, state: DeviceState, by_claim: Sequence[Issued], owner: Issued | None
) -> Repeat | Issue | Refusal:
    """What a good claim gives to this key: one certificate per use, each for a key of its own.

    `by_claim` is what the claim has authorised so far, `owner` the certificate that this key has already, of any unit.
    """
    if state is DeviceState.BLOCKED:
        return Refusal.UNIT_BLOCKED
    before = next((issued for issued in by_claim if issued.use is use), None)
    if before is not None:
        return Repeat(before) if before.key_id == key else Refusal.CLAIM_USED
    if owner is not None:
        return Refusal.KEY_REUSED
    return Issue(completes=len(by_claim) + 1 == len(Use))
