"""The rules of enrolment, alone: which claim is good, and which key may have a certificate by it (F47)."""

from __future__ import annotations

import string

import pytest

from provisioning.ca.models import Issued, Use
from provisioning.devices.claims import Issue, Repeat, claim_digest, claim_text, judge_claim, plan_certificate
from provisioning.devices.models import Claim, DeviceState
from provisioning.errors import Refusal
from tests.builders import NOW_S
from wire.keys import KeyId

SECRET = bytes(range(16))
GOOD = claim_digest(claim_text(SECRET))
TRIES = 5


def claim(failures: int = 0, expires_at_s: int = NOW_S + 60) -> Claim:
    return Claim(1, "unit-00001", "LC-0001", GOOD, NOW_S, expires_at_s, failures)


def issued(use: Use, key: bytes) -> Issued:
    return Issued(KeyId(key), "unit-00001", use, 1, b"", b"", 7, NOW_S + 60, None)


def test_a_claim_is_26_letters_and_digits_that_hold_128_bits() -> None:
    text = claim_text(SECRET)

    assert len(text) == 26
    assert set(text) <= set(string.ascii_uppercase + "234567")


def test_a_claim_may_be_typed_in_small_letters_and_with_spaces_around() -> None:
    assert claim_digest(f" {claim_text(SECRET).lower()}\n") == GOOD


@pytest.mark.parametrize("text", ["", "A", "1" * 26, "ü" * 26, claim_text(SECRET)[:-1], claim_text(SECRET) * 2, "\x00"])
def test_a_text_that_is_no_claim_fits_nothing(text: str) -> None:
    assert judge_claim(claim(), claim_digest(text), NOW_S, TRIES) is Refusal.CLAIM_WRONG


@pytest.mark.parametrize(
    ("found", "shown", "now_s", "expected"),
    [
        (claim(), GOOD, NOW_S, None),
        (claim(failures=4), GOOD, NOW_S, None),
        (claim(), GOOD, NOW_S + 59, None),
        (claim(), GOOD, NOW_S + 60, Refusal.CLAIM_EXPIRED),
        (claim(failures=5), GOOD, NOW_S, Refusal.CLAIM_LOCKED),
        (claim(), b"\x01" * 32, NOW_S, Refusal.CLAIM_WRONG),
        (claim(failures=5), b"\x01" * 32, NOW_S, Refusal.CLAIM_WRONG),
        (claim(), b"\x01" * 32, NOW_S + 60, Refusal.CLAIM_WRONG),
        (None, GOOD, NOW_S, Refusal.CLAIM_WRONG),
        (None, bytes(32), NOW_S, Refusal.CLAIM_WRONG),
    ],
)
def test_only_who_knows_the_claim_learns_more_than_that_it_is_wrong(
    found: Claim | None, shown: bytes, now_s: int, expected: Refusal | None
) -> None:
    assert judge_claim(found, shown, now_s, TRIES) is expected


TLS, OTHER = KeyId(b"t" * 16), KeyId(b"o" * 16)


def test_the_first_key_gets_a_certificate() -> None:
    assert plan_certificate(Use.TLS, TLS, DeviceState.REGISTERED, [], None) == Issue(completes=False)


def test_the_second_certificate_makes_the_unit_complete() -> None:
    before = [issued(Use.TLS, TLS)]

    assert plan_certificate(Use.RESULT, OTHER, DeviceState.CLAIMED, before, None) == Issue(completes=True)


def test_the_same_key_gets_the_same_certificate_again() -> None:
    """F50."""
    before = issued(Use.TLS, TLS)

    assert plan_certificate(Use.TLS, TLS, DeviceState.ACTIVE, [before], before) == Repeat(before)


def test_another_key_is_told_that_the_claim_is_used() -> None:
    before = [issued(Use.TLS, TLS)]

    assert plan_certificate(Use.TLS, OTHER, DeviceState.CLAIMED, before, None) is Refusal.CLAIM_USED


def test_one_key_cannot_have_both_certificates() -> None:
    before = issued(Use.TLS, TLS)

    assert plan_certificate(Use.RESULT, TLS, DeviceState.CLAIMED, [before], before) is Refusal.KEY_REUSED


def test_a_blocked_unit_gets_nothing() -> None:
    before = issued(Use.TLS, TLS)

    assert plan_certificate(Use.TLS, TLS, DeviceState.BLOCKED, [before], before) is Refusal.UNIT_BLOCKED
