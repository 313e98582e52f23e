"""The centre's side of a broker for tests: it writes receipts for the results that arrive, as a test wishes."""

from __future__ import annotations

import hashlib
import queue
import ssl
from collections.abc import Callable
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.builders import UNIT, receipt
from tests.edge.spool_parts import sealed_receipt
from wire.envelope import Kind, unverified_payload
from wire.receipt import Receipt
from wire.result import ResultStatement, read_result
from wire.topics import ROOT, Down, Up, down_topic, unit_of

WAIT_S = 20.0
"""Longest that a test waits for something that must come."""

Answer = Callable[[bytes], bytes | None]
"""Makes the receipt to send for an envelope, or None for no answer."""


def statement_in(envelope: bytes) -> ResultStatement:
    """What an envelope says."""
    return read_result(unverified_payload(envelope, Kind.RESULT))


def receipt_for(envelope: bytes) -> Receipt:
    """The receipt that fits an envelope."""
    statement = statement_in(envelope)
    return receipt(result_id=statement.result_id, envelope_sha256=hashlib.sha256(envelope).digest(), leaf=statement.sequence)


def answer_at_once(envelope: bytes) -> bytes:
    """What a centre in good order sends."""
    return sealed_receipt(receipt_for(envelope))


def answer_nothing(envelope: bytes) -> None:
    """A centre that is there and stays silent."""


class CentreDesk:
    """A client named `centre` that hears all units."""

    def __init__(self, port: int, folder: Path, answer: Answer = answer_at_once) -> None:
        self.answer = answer
        self.results: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.presence: queue.SimpleQueue[tuple[bytes, bool]] = queue.SimpleQueue()
        """What was said on `conn`, and whether it was retained."""
        self.hellos: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._subscribed: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._client = client = Client(CallbackAPIVersion.VERSION2, "centre", protocol=MQTTProtocolVersion.MQTTv5)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(folder / "ca.pem")
        context.load_cert_chain(folder / "centre.pem")
        client.tls_set_context(context)
        client.on_connect = lambda *_: client.subscribe(f"{ROOT}/+/up/#", qos=1)
        client.on_subscribe = lambda *_: self._subscribed.put(None)
        client.on_message = self._on_message
        client.connect("127.0.0.1", port)
        client.loop_start()
        self._subscribed.get(timeout=WAIT_S)

    def send(self, word: Down, payload: bytes, unit: str = UNIT) -> None:
        """Send something to a unit."""
        self._client.publish(down_topic(unit, word), payload, qos=1).wait_for_publish(WAIT_S)

    def next_result(self) -> ResultStatement:
        """Wait for the next result."""
        return statement_in(self.results.get(timeout=WAIT_S))

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        match message.topic.rpartition("/")[2]:
            case Up.RESULT:
                self.results.put(message.payload)
                if (sealed := self.answer(message.payload)) is not None:
                    client.publish(down_topic(unit_of(message.topic, Up.RESULT), Down.RECEIPT), sealed, qos=1)
            case Up.HELLO:
                self.hellos.put(message.payload)
            case Up.CONNECTION:
                self.presence.put((message.payload, message.retain))
