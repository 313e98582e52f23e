"""The MQTT topics, one table. The unit's name in a topic is the common name of its TLS certificate."""

from __future__ import annotations

from enum import StrEnum

from wire.enrolment import read_unit_name
from wire.errors import MalformedError, StatementInvalidError

ROOT = "lifecert/v1/u"
BROKER_PORT = 8883


class Up(StrEnum):
    """What a unit may publish."""

    RESULT = "result"
    """One sealed result, QoS 1."""
    HELLO = "hello"
    """One hello, QoS 1."""
    TELEMETRY = "telemetry"
    """How the unit is, QoS 0: one that is lost is made good by the next."""
    CONNECTION = "conn"
    """b"1" while connected, b"0" as last will; retained, QoS 1."""


class Down(StrEnum):
    """What a unit may hear."""

    RECEIPT = "receipt"
    """One sealed receipt, QoS 1."""
    TICKET = "ticket"
    """One sealed ticket, QoS 1."""
    POLICY = "policy"
    """One sealed policy, QoS 1."""


def up_topic(unit: str, word: Up) -> str:
    """The topic on which a unit publishes."""
    return f"{ROOT}/{unit}/up/{word.value}"


def down_topic(unit: str, word: Down) -> str:
    """The topic on which a unit listens."""
    return f"{ROOT}/{unit}/down/{word.value}"


def every_unit(word: Up) -> str:
    """The filter with which the centre hears all units."""
    return f"{ROOT}/+/up/{word.value}"


def unit_of(topic: str, word: Up) -> str:
    """The unit that may publish on this topic; `MalformedError` when it is another topic."""
    parts = topic.split("/")
    if len(parts) != 6 or "/".join(parts[:3]) != ROOT or parts[4:] != ["up", word.value]:
        raise MalformedError("not a topic of a unit")
    try:
        return read_unit_name(parts[3])
    except StatementInvalidError as error:
        raise MalformedError("not the name of a unit") from error
