"""Released envelopes verify for ever: in this code and in two libraries that know nothing of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cwt import COSE, COSEKey, VerifyError
from pycose.keys.ec2 import EC2Key
from pycose.messages.sign1message import Sign1Message

from tests import builders as a
from tests.wire import forge as f
from tests.wire.vectors.make import plain
from wire.envelope import Kind, open_certified, open_verified, seal
from wire.errors import BadSignatureError
from wire.keys import PublicKey, key_id, read_certificate_der, read_public_der
from wire.policy import policy_payload, read_policy
from wire.reasons import Reason
from wire.receipt import read_receipt, receipt_payload
from wire.result import BoardHeat, Verdict, read_result, result_payload
from wire.ticket import read_ticket, ticket_payload

FOLDER = Path(__file__).parent / "vectors"


@dataclass(frozen=True, slots=True)
class Vector:
    """One released envelope and what must be read from it."""

    kind: Kind
    envelope: bytes
    public: PublicKey
    claims: dict[str, Any]
    authority: x509.Certificate | None
    at_s: int


def load(name: str) -> Vector:
    text = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    authority = read_certificate_der(bytes.fromhex(text["authority"])) if "authority" in text else None
    public = read_public_der(bytes.fromhex(text["public_key"]))
    return Vector(Kind(text["kind"]), bytes.fromhex(text["envelope"]), public, text["claims"], authority, text.get("at_s", 0))


RESULTS = ("result-v1.json", "result-v1-without-ticket.json", "result-v2.json", "result-v3.json", "result-v4.json")
RELEASED = (*RESULTS, "ticket-v1.json", "ticket-v2.json", "receipt-v1.json", "policy-v1.json", "policy-v2.json", "policy-v3.json")


def test_every_vector_file_is_among_the_released_ones() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(RELEASED)


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_envelope_still_verifies_and_says_the_same(name: str) -> None:
    vector = load(name)

    payload = open_verified(vector.envelope, vector.kind, {key_id(vector.public): vector.public})

    assert plain(cbor2.loads(payload)) == vector.claims


@pytest.mark.parametrize("name", RESULTS)
def test_a_released_result_is_still_certified_by_its_fleet(name: str) -> None:
    vector = load(name)
    assert vector.authority is not None

    certified = open_certified(vector.envelope, vector.kind, [vector.authority], vector.at_s)

    assert certified.unit == read_result(certified.payload).unit == a.UNIT


def test_released_statements_are_still_read_as_what_they_were() -> None:
    attack = read_result(f.parts(load("result-v1-without-ticket.json").envelope)[2])

    assert read_result(f.parts(load("result-v1.json").envelope)[2]) == a.result()
    assert (attack.verdict, attack.reasons) == (Verdict.ATTACK, (Reason.SPOOF_SUSPECTED, Reason.TOO_DARK))
    assert (attack.visit, attack.likeness, attack.liveness) == (None, None, ())
    assert read_result(f.parts(load("result-v2.json").envelope)[2]) == a.result(likeness=a.SUPERVISED_LIKENESS)
    assert read_ticket(f.parts(load("ticket-v1.json").envelope)[2]) == a.ticket()
    assert read_ticket(f.parts(load("ticket-v2.json").envelope)[2]) == a.ticket(references=a.SEVERAL_REFERENCES)
    assert read_receipt(f.parts(load("receipt-v1.json").envelope)[2]) == a.receipt()
    assert read_policy(f.parts(load("policy-v1.json").envelope)[2]) == a.policy()
    assert read_policy(f.parts(load("policy-v2.json").envelope)[2]) == a.policy(required_cues=a.CUES)
    assert read_result(f.parts(load("result-v3.json").envelope)[2]) == a.result(substituted=True)
    assert read_result(f.parts(load("result-v4.json").envelope)[2]) == a.result(consent=a.AGREED, heat=BoardHeat.WARM)
    assert read_policy(f.parts(load("policy-v3.json").envelope)[2]) == a.policy(substitution=True)


def test_today_s_payloads_have_the_released_bytes() -> None:
    assert result_payload(a.result()) == f.parts(load("result-v1.json").envelope)[2]
    assert result_payload(a.result(likeness=a.SUPERVISED_LIKENESS)) == f.parts(load("result-v2.json").envelope)[2]
    assert ticket_payload(a.ticket(references=a.SEVERAL_REFERENCES)) == f.parts(load("ticket-v2.json").envelope)[2]
    assert ticket_payload(a.ticket()) == f.parts(load("ticket-v1.json").envelope)[2]
    assert receipt_payload(a.receipt()) == f.parts(load("receipt-v1.json").envelope)[2]
    assert policy_payload(a.policy()) == f.parts(load("policy-v1.json").envelope)[2]
    assert result_payload(a.result(substituted=True)) == f.parts(load("result-v3.json").envelope)[2]
    assert result_payload(a.result(consent=a.AGREED, heat=BoardHeat.WARM)) == f.parts(load("result-v4.json").envelope)[2]
    assert policy_payload(a.policy(substitution=True)) == f.parts(load("policy-v3.json").envelope)[2]
    assert policy_payload(a.policy(required_cues=a.CUES)) == f.parts(load("policy-v2.json").envelope)[2]


def opens_with_pycose(envelope: bytes, public: PublicKey) -> bool:
    numbers = public.public_numbers()
    message = Sign1Message.decode(envelope)
    message.key = EC2Key(crv="P_256", x=numbers.x.to_bytes(32, "big"), y=numbers.y.to_bytes(32, "big"))
    return bool(message.verify_signature())


def opens_with_cwt(envelope: bytes, public: PublicKey) -> bool:
    numbers = public.public_numbers()
    coordinates = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    claimed = cbor2.loads(f.parts(envelope)[0])[f.KID]  # cwt picks a key by its id: the signature alone must decide here
    key = COSEKey.new({1: 2, 2: claimed, 3: -7, -1: 1, **coordinates})
    try:
        return bool(COSE.new().decode(envelope, keys=[key]) == f.parts(envelope)[2])
    except VerifyError:
        return False


ORACLES: dict[str, Callable[[bytes, PublicKey], bool]] = {"pycose": opens_with_pycose, "cwt": opens_with_cwt}
SEALED = {
    Kind.RESULT: seal(result_payload(a.result()), Kind.RESULT, a.unit_signer()),
    Kind.TICKET: seal(ticket_payload(a.ticket()), Kind.TICKET, a.KeySigner(a.key(1))),
    Kind.RECEIPT: seal(receipt_payload(a.receipt()), Kind.RECEIPT, a.KeySigner(a.key(1))),
    Kind.POLICY: seal(policy_payload(a.policy()), Kind.POLICY, a.KeySigner(a.key(1))),
}


@pytest.mark.parametrize("opens", ORACLES.values(), ids=ORACLES.keys())
@pytest.mark.parametrize("kind", Kind)
def test_another_library_verifies_what_is_sealed_here(opens: Callable[[bytes, PublicKey], bool], kind: Kind) -> None:
    assert opens(SEALED[kind], a.key(1).public_key())


@pytest.mark.parametrize("opens", ORACLES.values(), ids=ORACLES.keys())
@pytest.mark.parametrize("name", RELEASED)
def test_another_library_verifies_what_was_released(opens: Callable[[bytes, PublicKey], bool], name: str) -> None:
    vector = load(name)

    assert opens(vector.envelope, vector.public)


@pytest.mark.parametrize("opens", ORACLES.values(), ids=ORACLES.keys())
def test_another_library_refuses_another_key_and_another_signature(opens: Callable[[bytes, PublicKey], bool]) -> None:
    envelope = SEALED[Kind.TICKET]
    wrong = f.with_signature(envelope, f.parts(envelope)[3][::-1])

    assert not opens(wrong, a.key(1).public_key())
    assert not opens(envelope, a.key(2).public_key())


def test_what_another_library_signs_is_opened_here_when_its_s_is_low() -> None:
    private = a.key(1).private_numbers()
    coordinates = {-2: private.public_numbers.x.to_bytes(32, "big"), -3: private.public_numbers.y.to_bytes(32, "big")}
    key = COSEKey.new(
        {
            1: 2,
            2: bytes(key_id(a.key(1).public_key())),
            3: -7,
            -1: 1,
            **coordinates,
            -4: private.private_value.to_bytes(32, "big"),
        }
    )
    keys = {key_id(a.key(1).public_key()): a.key(1).public_key()}

    low = high = 0
    while not (low and high):
        envelope = COSE.new(deterministic_header=True).encode(
            ticket_payload(a.ticket()), key, protected={**f.honest_header()}, unprotected={}, enable_non_aead=False
        )
        if int.from_bytes(f.parts(envelope)[3][32:], "big") <= f.ORDER // 2:
            assert open_verified(envelope, Kind.TICKET, keys) == ticket_payload(a.ticket())
            low += 1
        else:
            with pytest.raises(BadSignatureError):
                open_verified(envelope, Kind.TICKET, keys)
            high += 1
