"""An envelope opens exactly when the right key signed exactly these bytes as exactly this kind (F31, F32, F34, F35)."""

from __future__ import annotations

import random
from typing import Any

import cbor2
import pytest

from tests import builders as a
from tests.wire import forge as f
from wire.codec import MAX_BYTES
from wire.envelope import Kind, open_certified, open_verified, seal, unverified_header, unverified_payload
from wire.errors import BadSignatureError, KeyUnknownError, KeyUnsuitableError, MalformedError, WireError
from wire.keys import KeyId, PublicKey, key_id
from wire.result import read_result, result_payload
from wire.ticket import ticket_payload

KEYS = {key_id(a.key(number).public_key()): a.key(number).public_key() for number in (1, 2)}
TICKET = ticket_payload(a.ticket())
SEALED = seal(TICKET, Kind.TICKET, a.KeySigner(a.key(1)))
RESULT = result_payload(a.result())
SEALED_RESULT = seal(RESULT, Kind.RESULT, a.unit_signer())


def opens(envelope: bytes) -> bool:
    """Whether an envelope opens as a ticket or as a result; anything but a `WireError` goes through."""
    return opens_as_ticket(envelope) or opens_as_result(envelope)


def opens_as_ticket(envelope: bytes) -> bool:
    try:
        open_verified(envelope, Kind.TICKET, KEYS)
        return True
    except WireError:
        return False


def opens_as_result(envelope: bytes) -> bool:
    try:
        open_certified(envelope, Kind.RESULT, [a.authority()], a.NOW_S)
        return True
    except WireError:
        return False


def test_what_was_sealed_is_opened() -> None:
    assert open_verified(SEALED, Kind.TICKET, KEYS) == TICKET
    assert unverified_payload(SEALED, Kind.TICKET) == TICKET
    assert unverified_header(SEALED, Kind.TICKET).key_id == key_id(a.key(1).public_key())


def test_a_result_is_opened_by_the_certificate_that_travels_with_it() -> None:
    certified = open_certified(SEALED_RESULT, Kind.RESULT, [a.authority()], a.NOW_S)

    assert certified.unit == a.UNIT
    assert read_result(certified.payload) == a.result()


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # a flipped sign of the certificate's serial number
@pytest.mark.parametrize("sealed", [SEALED, SEALED_RESULT], ids=["ticket", "result"])
def test_an_envelope_with_any_one_bit_flipped_stays_shut(sealed: bytes) -> None:
    flipped = bytearray(sealed)
    opened = []
    for bit in range(len(sealed) * 8):
        flipped[bit // 8] ^= 1 << (bit % 8)
        if opens(bytes(flipped)):
            opened.append(bit)
        flipped[bit // 8] ^= 1 << (bit % 8)

    assert opens(sealed)
    assert opened == []


@pytest.mark.parametrize("sealed", [SEALED, SEALED_RESULT], ids=["ticket", "result"])
def test_an_envelope_cut_short_at_any_length_stays_shut(sealed: bytes) -> None:
    assert [length for length in range(len(sealed)) if opens(sealed[:length])] == []


@pytest.mark.parametrize("sealed", [SEALED, SEALED_RESULT], ids=["ticket", "result"])
def test_an_envelope_with_anything_after_it_stays_shut(sealed: bytes) -> None:
    longer = [sealed + bytes([last]) for last in range(256)] + [sealed + sealed, SEALED + SEALED_RESULT, sealed + bytes(5000)]

    assert [envelope for envelope in longer if opens(envelope)] == []


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_twenty_thousand_mutated_envelopes_raise_nothing_but_wire_errors() -> None:
    dice = random.Random(20_270_115)
    opened = [envelope for envelope in (mutated(dice) for _ in range(20_000)) if envelope not in UNTOUCHED and opens(envelope)]

    assert opened == []


UNTOUCHED = {SEALED, SEALED_RESULT}


def mutated(dice: random.Random) -> bytes:
    """One of the two envelopes with one to six wounds: bytes changed, cut, doubled, inserted or exchanged."""
    data = bytearray(dice.choice((SEALED, SEALED_RESULT)))
    for _ in range(dice.randint(1, 6)):
        at, span = dice.randrange(len(data)), dice.randint(1, 40)
        match dice.randrange(6):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                data[at] = dice.choice((0x00, 0x18, 0x1F, 0x5F, 0x7F, 0x9B, 0xBF, 0xC2, 0xF7, 0xF9, 0xFB, 0xFF))
            case 2:
                data = data[:at] + data[at + span :] or data
            case 3:
                data = data[: at + span] + data[at:]
            case 4:
                data[at:at] = dice.randbytes(span)
            case _:
                other = dice.randrange(len(data))
                data[at], data[other] = data[other], data[at]
    return bytes(data)


def test_a_signature_in_its_high_form_is_refused() -> None:
    signature = f.parts(SEALED)[3]
    s = int.from_bytes(signature[32:], "big")
    high = f.with_signature(SEALED, signature[:32] + (f.ORDER - s).to_bytes(32, "big"))

    with pytest.raises(BadSignatureError, match="low form"):
        open_verified(high, Kind.TICKET, KEYS)


def test_every_signature_is_made_in_its_low_form() -> None:
    signatures = [f.parts(seal(TICKET, Kind.TICKET, a.KeySigner(a.key(1))))[3] for _ in range(40)]

    assert all(int.from_bytes(signature[32:], "big") <= f.ORDER // 2 for signature in signatures)


ONE = (1).to_bytes(32, "big")
EDGES = {
    "r = 0": bytes(32) + ONE,
    "s = 0": ONE + bytes(32),
    "both 0": bytes(64),
    "r = n": f.ORDER.to_bytes(32, "big") + ONE,
    "s = n": ONE + f.ORDER.to_bytes(32, "big"),
    "r = n + 1": (f.ORDER + 1).to_bytes(32, "big") + ONE,
    "all ones": b"\xff" * 64,
    "none": b"",
    "63 bytes": b"\x01" * 63,
    "65 bytes": b"\x01" * 65,
    "96 bytes": b"\x01" * 96,
}


@pytest.mark.parametrize("signature", EDGES.values(), ids=EDGES.keys())
def test_a_signature_out_of_range_or_of_another_length_is_refused(signature: bytes) -> None:
    with pytest.raises(BadSignatureError, match=r"out of range|64 expected"):
        open_verified(f.with_signature(SEALED, signature), Kind.TICKET, KEYS)


@pytest.mark.parametrize(
    "change", [lambda made: made[:-1], lambda made: made + b"\0", lambda made: b"\0" + made], ids=["63", "65", "leading 0"]
)
def test_the_right_signature_in_63_or_65_bytes_is_refused(change: Any) -> None:
    with pytest.raises(BadSignatureError):
        open_verified(f.with_signature(SEALED, change(f.parts(SEALED)[3])), Kind.TICKET, KEYS)


CONFUSED_HEADERS: dict[str, dict[Any, Any]] = {
    "no algorithm": {f.ALG: None},
    "alg none": {f.ALG: 0},
    "alg as text none": {f.ALG: "none"},
    "alg as text ES256": {f.ALG: "ES256"},
    "HS256": {f.ALG: 5},
    "ES384": {f.ALG: -35},
    "EdDSA": {f.ALG: -8},
    "alg as a list": {f.ALG: [-7]},
    "a critical header": {f.CRIT: [16]},
    "an unknown critical header": {f.CRIT: ["future"], "future": 1},
    "an extra header": {3: 50},
    "an extra text header": {"alg": -7},
    "a short key id": {f.KID: b"\x01" * 15},
    "a long key id": {f.KID: b"\x01" * 17},
    "a key id as text": {f.KID: "0123456789abcdef"},
    "no key id": {f.KID: None},
    "no type": {f.TYP: None},
    "a type by number": {f.TYP: 61},
    "an unknown type": {f.TYP: "application/lifecert-policy+cwt"},
    "a receipt's type": {f.TYP: Kind.RECEIPT.value},
    "a result's type": {f.TYP: Kind.RESULT.value},
    "a type in capitals": {f.TYP: Kind.TICKET.value.upper()},
    "a chain of two certificates": {f.X5CHAIN: [b"\x30\x00", b"\x30\x00"]},
    "a certificate as text": {f.X5CHAIN: "30"},
}


@pytest.mark.parametrize("change", CONFUSED_HEADERS.values(), ids=CONFUSED_HEADERS.keys())
def test_a_header_that_says_anything_else_is_malformed_although_the_signature_fits(change: dict[Any, Any]) -> None:
    header = {label: value for label, value in {**f.honest_header(), **change}.items() if value is not None}

    with pytest.raises(MalformedError):
        open_verified(f.forge(header, TICKET), Kind.TICKET, KEYS)


def test_the_forger_of_these_tests_can_make_an_honest_envelope() -> None:
    assert open_verified(f.forge(f.honest_header(), TICKET), Kind.TICKET, KEYS) == TICKET


CONFUSED_PARTS: dict[str, bytes] = {
    "algorithm moved to the open header": f.forge(
        {f.KID: f.honest_header()[f.KID], f.TYP: Kind.TICKET.value}, TICKET, unprotected={1: -7}
    ),
    "a second key id in the open header": f.forge(f.honest_header(), TICKET, unprotected={4: b"\x01" * 16}),
    "a certificate that is null": f.forge({**f.honest_header(), f.X5CHAIN: None}, TICKET),
    "an empty protected header": f.forge(b"", TICKET),
    "an empty map as protected header": f.forge({}, TICKET),
    "a protected header with trailing bytes": f.forge(cbor2.dumps(f.honest_header(), canonical=True) + b"\x00", TICKET),
    "a protected header in another order": f.forge(cbor2.dumps(dict(reversed(f.honest_header().items()))), TICKET),
    "a payload elsewhere": f.forge(f.honest_header(), None, signature=b"\x01" * 64),
    "a signature that is null": cbor2.dumps(cbor2.CBORTag(18, [*f.parts(SEALED)[:3], None])),
    "three parts": cbor2.dumps(cbor2.CBORTag(18, f.parts(SEALED)[:3])),
    "five parts": cbor2.dumps(cbor2.CBORTag(18, [*f.parts(SEALED), b""])),
    "no tag": SEALED[1:],
    "the tag of COSE_Sign": b"\xd8\x62" + SEALED[1:],
    "the tag of COSE_Mac0": b"\xd1" + SEALED[1:],
    "the tag in two bytes": b"\xd8\x12" + SEALED[1:],
    "the tag twice": b"\xd2" + SEALED,
    "the tag of a CWT around it": b"\xd8\x3d" + SEALED,
    "nothing": b"",
    "text": b'{"alg": "none"}',
    "a JWT": b"eyJhbGciOiJub25lIn0.e30.",
}


@pytest.mark.parametrize("envelope", CONFUSED_PARTS.values(), ids=CONFUSED_PARTS.keys())
def test_parts_in_any_other_shape_are_malformed(envelope: bytes) -> None:
    with pytest.raises(MalformedError):
        open_verified(envelope, Kind.TICKET, KEYS)


@pytest.mark.parametrize("sealed_as", Kind)
@pytest.mark.parametrize("opened_as", Kind)
def test_an_envelope_opens_only_as_what_it_is(sealed_as: Kind, opened_as: Kind) -> None:
    envelope = seal(TICKET, sealed_as, a.KeySigner(a.key(1)))

    if sealed_as is opened_as:
        assert open_verified(envelope, opened_as, KEYS) == TICKET
    else:
        with pytest.raises(MalformedError, match="expected"):
            open_verified(envelope, opened_as, KEYS)


def test_a_key_that_is_not_known_opens_nothing() -> None:
    stranger = seal(TICKET, Kind.TICKET, a.KeySigner(a.key(3)))

    with pytest.raises(KeyUnknownError):
        open_verified(stranger, Kind.TICKET, KEYS)
    with pytest.raises(KeyUnknownError):
        open_verified(SEALED, Kind.TICKET, {})


def test_the_key_id_of_another_known_key_opens_nothing() -> None:
    borrowed = f.forge(f.honest_header(number=2), TICKET, signer=a.key(1))

    with pytest.raises(BadSignatureError):
        open_verified(borrowed, Kind.TICKET, KEYS)


def test_a_signature_over_another_payload_or_header_is_refused() -> None:
    other = seal(ticket_payload(a.ticket(subject="subject-0000")), Kind.TICKET, a.KeySigner(a.key(1)))

    with pytest.raises(BadSignatureError):
        open_verified(f.with_signature(SEALED, f.parts(other)[3]), Kind.TICKET, KEYS)


def test_a_p384_key_is_refused_even_under_a_known_key_id() -> None:
    header = f.honest_header()
    protected = cbor2.dumps(header, canonical=True)
    private, signature = f.es384(protected, TICKET)
    keys: dict[KeyId, PublicKey] = {KeyId(header[f.KID]): private.public_key()}

    with pytest.raises(BadSignatureError, match="96 bytes"):
        open_verified(f.forge(header, TICKET, signature), Kind.TICKET, keys)
    with pytest.raises(KeyUnsuitableError):
        open_verified(SEALED, Kind.TICKET, keys)


def test_an_envelope_too_large_to_be_read_is_not_sealed() -> None:
    largest = MAX_BYTES - (len(SEALED) - len(TICKET)) - 1  # its length takes one byte more

    assert len(seal(bytes(largest), Kind.TICKET, a.KeySigner(a.key(1)))) == MAX_BYTES
    with pytest.raises(MalformedError, match="may be sent"):
        seal(bytes(largest + 1), Kind.TICKET, a.KeySigner(a.key(1)))
