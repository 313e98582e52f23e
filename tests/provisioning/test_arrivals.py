"""From bytes to a verified arrival: whatever is wrong is rejected with a reason, and nothing else ever happens (F31 to F35)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.ca.issue import issue_unit
from provisioning.ca.models import Issued, Use
from provisioning.errors import DeliveryRejectedError
from provisioning.ledger.arrivals import claimed_key, open_arrival, open_hello
from provisioning.ledger.models import Arrival
from tests.builders import NOW_S, KeySigner, hello, key
from tests.provisioning.fleet import Unit, issuing_authority
from wire.envelope import Kind, seal
from wire.hello import hello_payload
from wire.keys import KeyId, certificate_der, key_id, public_der
from wire.policy import SHIPPED_POLICY
from wire.result import Visit, result_payload
from wire.topics import Up, up_topic

NAME = "unit-00001"


def enrolled(number: int = 1, name: str = NAME, use: Use = Use.RESULT) -> tuple[Unit, dict[KeyId, Issued]]:
    """A unit and the register that knows its key."""
    public = key(number).public_key()
    certificate = issue_unit(issuing_authority(), name, public, use, NOW_S, 90)
    der = certificate_der(certificate)
    issued = Issued(key_id(public), name, use, 1, public_der(public), der, 7, NOW_S + 86_400, None)
    return Unit(name, key(number), der), {issued.key_id: issued}


def rejected(topic: str, envelope: bytes, registered: dict[KeyId, Issued]) -> str:
    with pytest.raises(DeliveryRejectedError) as error:
        open_arrival(topic, envelope, registered)
    return error.value.what


def test_a_result_with_a_registered_key_arrives() -> None:
    unit, registered = enrolled()
    statement = unit.statement(None)

    arrival = open_arrival(unit.topic, unit.seal(statement), registered)

    assert arrival.statement == statement
    assert arrival.key == key_id(key(1).public_key())


def test_a_result_without_a_travelling_certificate_arrives_by_its_registered_key() -> None:
    unit, registered = enrolled()
    bare = seal(result_payload(unit.statement(None)), Kind.RESULT, KeySigner(unit.key))

    assert open_arrival(unit.topic, bare, registered).statement.unit == NAME


def test_a_key_that_was_never_registered_is_rejected_whatever_certificate_it_brings() -> None:
    unit, _ = enrolled()

    assert "not registered" in rejected(unit.topic, unit.result(), {})


def test_a_certificate_that_is_not_the_registered_one_is_rejected() -> None:
    unit, registered = enrolled()
    other = Unit(NAME, unit.key, enrolled(2)[0].certificate)

    assert "not the registered one" in rejected(unit.topic, other.result(), registered)


def test_a_tls_key_cannot_sign_results() -> None:
    unit, registered = enrolled(use=Use.TLS)

    assert "not registered for results" in rejected(unit.topic, unit.result(), registered)


def test_a_result_on_the_topic_of_another_unit_is_rejected() -> None:
    unit, registered = enrolled()

    assert "same unit" in rejected(up_topic("unit-00002", Up.RESULT), unit.result(), registered)


def test_a_unit_cannot_sign_in_the_name_of_another() -> None:
    unit, registered = enrolled()
    envelope = unit.seal(unit.statement(None, unit="unit-00002"))

    assert "same unit" in rejected(up_topic("unit-00002", Up.RESULT), envelope, registered)


@pytest.mark.parametrize(
    "topic",
    ["", "lifecert/v1/u/unit-00001/up/event", "lifecert/v1/u/unit-00001/down/result", "lifecert/v1/u/#/up/result", "a/b/c"],
)
def test_another_topic_is_rejected(topic: str) -> None:
    unit, registered = enrolled()

    assert rejected(topic, unit.result(), registered)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\u202ebackwards", "\x7f"])
def test_a_text_that_a_database_or_a_page_could_stumble_over_is_rejected(text: str) -> None:
    unit, registered = enrolled()
    statement = unit.statement(None)
    visit = Visit(text, "subject-7f3a", b"\x0c" * 16, SHIPPED_POLICY)

    assert "cannot be shown" in rejected(unit.topic, unit.seal(replace(statement, visit=visit)), registered)


def test_every_flipped_bit_of_a_result_is_rejected() -> None:
    """F31."""
    unit, registered = enrolled()
    envelope = unit.result()

    for position in range(len(envelope) * 8):
        broken = bytearray(envelope)
        broken[position // 8] ^= 1 << (position % 8)
        assert rejected(unit.topic, bytes(broken), registered)


def test_every_truncated_or_extended_result_is_rejected() -> None:
    """F32."""
    unit, registered = enrolled()
    envelope = unit.result()

    for length in range(len(envelope)):
        assert rejected(unit.topic, envelope[:length], registered)
    assert rejected(unit.topic, envelope + b"\x00", registered)
    assert rejected(unit.topic, envelope + envelope, registered)


@given(envelope=st.binary(max_size=300))
def test_any_other_bytes_are_rejected(envelope: bytes) -> None:
    _, registered = enrolled()

    assert claimed_key(envelope) is None
    assert rejected(up_topic(NAME, Up.RESULT), envelope, registered)


def test_a_hello_is_read() -> None:
    said = hello(unit=NAME)

    assert open_hello(up_topic(NAME, Up.HELLO), hello_payload(said)) == said


@pytest.mark.parametrize(
    "make",
    [
        lambda: (up_topic("unit-00002", Up.HELLO), hello_payload(hello(unit=NAME))),
        lambda: (up_topic(NAME, Up.RESULT), hello_payload(hello(unit=NAME))),
        lambda: (up_topic(NAME, Up.HELLO), b""),
        lambda: (up_topic(NAME, Up.HELLO), hello_payload(hello(unit=NAME))[:-1]),
        lambda: (up_topic(NAME, Up.HELLO), hello_payload(hello(unit=NAME, software="1\x00"))),
        lambda: (up_topic(NAME, Up.HELLO), b"\xa0" * 5000),
    ],
)
def test_a_hello_that_is_none_is_rejected(make: Callable[[], tuple[str, bytes]]) -> None:
    with pytest.raises(DeliveryRejectedError):
        open_hello(*make())


def test_a_statement_is_named_by_its_payload_alone() -> None:
    unit, registered = enrolled()
    statement = unit.statement(None)

    arrivals: list[Arrival] = [open_arrival(unit.topic, unit.seal(statement), registered) for _ in range(2)]

    assert arrivals[0].envelope != arrivals[1].envelope
    assert arrivals[0].payload_sha256 == arrivals[1].payload_sha256
