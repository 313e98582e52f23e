"""From the bytes of a message to a verified arrival, or a reason to reject it."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.ca.models import Issued, Use
from provisioning.errors import DeliveryRejectedError
from provisioning.ledger.models import Arrival
from wire.envelope import Kind, open_verified, unverified_header
from wire.errors import WireError
from wire.hello import Hello, read_hello
from wire.keys import KeyId, read_public_der
from wire.result import ResultStatement, read_result
from wire.telemetry import Telemetry, read_telemetry
from wire.topics import Up, unit_of


def claimed_key(envelope: bytes) -> KeyId | None:
    """The key that a message names as its signer's, for looking it up; None when it cannot be read."""
    try:
        return unverified_header(envelope, Kind.RESULT).key_id
    except WireError:
        return None


def open_arrival(topic: str, envelope: bytes, registered: Mapping[KeyId, Issued]) -> Arrival:
    """Verify a message of the topic `up/result` with the keys that were registered at enrolment.

    Raises `DeliveryRejectedError`, and nothing else, for any bytes whatsoever.
    """
    try:
        unit = unit_of(topic, Up.RESULT)
        issued = _signer(envelope, registered)
        payload = open_verified(envelope, Kind.RESULT, {issued.key_id: read_public_der(issued.public_key)})
        statement = read_result(payload)
    except WireError as error:
        raise DeliveryRejectedError(f"{type(error).__name__}: {error}") from error
    if not unit == statement.unit == issued.unit:
        raise DeliveryRejectedError("topic, statement and certificate do not name the same unit")
    _require_storable(statement)
    return Arrival(envelope, payload, statement, issued.key_id, issued.not_after_s)


def open_hello(topic: str, payload: bytes) -> Hello:
    """Read a message of the topic `up/hello`; `DeliveryRejectedError` for anything else."""
    try:
        unit, hello = unit_of(topic, Up.HELLO), read_hello(payload)
    except WireError as error:
        raise DeliveryRejectedError(f"{type(error).__name__}: {error}") from error
    if hello.unit != unit:
        raise DeliveryRejectedError("topic and hello do not name the same unit")
    if not hello.software.isprintable():
        raise DeliveryRejectedError("its software version holds characters that cannot be shown")
    return hello


def open_telemetry(topic: str, payload: bytes) -> Telemetry:
    """Read a message of the topic `up/telemetry`; `DeliveryRejectedError` for anything else."""
    try:
        unit, told = unit_of(topic, Up.TELEMETRY), read_telemetry(payload)
    except WireError as error:
        raise DeliveryRejectedError(f"{type(error).__name__}: {error}") from error
    if told.unit != unit:
        raise DeliveryRejectedError("topic and telemetry do not name the same unit")
    return told


def _signer(envelope: bytes, registered: Mapping[KeyId, Issued]) -> Issued:
    header = unverified_header(envelope, Kind.RESULT)
    issued = registered.get(header.key_id)
    if issued is None or issued.use is not Use.RESULT:
        raise DeliveryRejectedError("its key is not registered for results")
    if header.certificate is not None and header.certificate != issued.certificate:
        raise DeliveryRejectedError("the certificate that travels along is not the registered one")
    return issued


def _require_storable(statement: ResultStatement) -> None:
    """A text with a NUL would be valid here and an error in PostgreSQL, again and again."""
    texts = (statement.visit.case, statement.visit.subject, statement.visit.policy) if statement.visit else ()
    if any(not text.isprintable() for text in texts):
        raise DeliveryRejectedError("case, subject or policy hold characters that cannot be shown")
