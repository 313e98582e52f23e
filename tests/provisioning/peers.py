"""Peers of a broker in tests: identities enrolled at a real centre, and a client that answers when the broker has."""

from __future__ import annotations

import base64
import queue
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from provisioning.ca.issue import issue_unit
from provisioning.ca.keys import new_key, write_key
from provisioning.ca.models import Lifetimes, Use
from provisioning.centre import Centre
from provisioning.devices.enrolment import Enrolment
from provisioning.devices.models import Credentials
from provisioning.layout import KeyPair
from tests.provisioning.test_request import request_der
from tests.services import PrivateBroker
from wire.keys import Certificate, PrivateKey

PATIENCE_S = 10
CONNACK = 0x20


@dataclass(frozen=True)
class Peer:
    """Someone with a key and a certificate in files."""

    name: str
    identity: KeyPair
    result_key: PrivateKey | None = None
    result_certificate: bytes = b""


def enrol(centre: Centre, serial: str, folder: Path) -> Peer:
    """A unit that went through enrolment, with both certificates."""
    claim = centre.registry.make_claim(serial)
    enrolment = Enrolment(centre.database, centre.authority, Lifetimes(90, 395), centre.clock, 5, centre.revocations)

    def certify(key: PrivateKey, use: Use) -> Certificate:
        return enrolment.enrol(Credentials(serial, claim.text), use, base64.b64encode(request_der(key)))

    tls, result = new_key(), new_key()
    identity = write_identity(folder / serial, tls, certify(tls, Use.TLS), centre)
    certificate = certify(result, Use.RESULT)
    return Peer(claim.unit, identity, result, certificate.public_bytes(serialization.Encoding.DER))


def forge(centre: Centre, name: str, folder: Path, use: Use = Use.TLS) -> Peer:
    """Someone whom the fleet's own CA certified under a name that it would never choose, or for another use."""
    key = new_key()
    certificate = issue_unit(centre.authority, name, key.public_key(), use, centre.clock.now_s(), 5)
    return Peer(name, write_identity(folder / f"forged-{use}-{name.encode().hex()}"[:60], key, certificate, centre))


def write_identity(folder: Path, key: PrivateKey, certificate: Certificate, centre: Centre) -> KeyPair:
    pair = KeyPair(folder / "tls.key", folder / "tls.pem")
    write_key(pair.key, key)
    chain = (certificate, centre.authority.certificate)
    pair.certificate.write_bytes(b"".join(found.public_bytes(serialization.Encoding.PEM) for found in chain))
    return pair


@dataclass(frozen=True)
class Answer:
    """The broker's answer to one message."""

    mid: int
    reason: str


class Line:
    """A connected client. Every method waits for the broker's answer."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.messages: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.answers: queue.Queue[object] = queue.Queue()
        self.lost: queue.Queue[str] = queue.Queue()
        client.on_connect = lambda *given: self.answers.put(str(given[3]))
        client.on_message = self._on_message
        client.on_publish = lambda *given: self.answers.put(Answer(given[2], str(given[3])))
        client.on_subscribe = lambda *given: self.answers.put([str(reason) for reason in given[3]])
        client.on_disconnect = lambda *given: self.lost.put(str(given[3]))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> str:
        """The reason code with which the broker answered."""
        info = self.client.publish(topic, payload, qos=1, retain=retain)
        answer = self.answers.get(timeout=PATIENCE_S)
        assert isinstance(answer, Answer)
        assert answer.mid == info.mid
        return answer.reason

    def subscribe(self, *topics: str) -> list[str]:
        """The reason codes with which the broker answered."""
        self.client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in topics])
        answer = self.answers.get(timeout=PATIENCE_S)
        assert isinstance(answer, list)
        return answer

    def next(self) -> tuple[str, bytes]:
        """The next message."""
        return self.messages.get(timeout=PATIENCE_S)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.messages.put((message.topic, bytes(message.payload)))


@contextmanager
def connected(broker: PrivateBroker, peer: Peer, ca: Path, client_id: str | None = None) -> Iterator[Line]:
    """A client of the broker, under its own client id or another."""
    client = Client(CallbackAPIVersion.VERSION2, client_id or peer.name, protocol=MQTTProtocolVersion.MQTTv5)
    client.tls_set_context(context(peer, ca))
    line = Line(client)
    client.connect(broker.host, broker.port, 30)
    client.loop_start()
    try:
        assert line.answers.get(timeout=PATIENCE_S) == "Success"
        yield line
    finally:
        client.disconnect()
        client.loop_stop()


def context(peer: Peer | None, ca: Path) -> ssl.SSLContext:
    """TLS as a client that trusts one fleet and shows a certificate, or none."""
    made = ssl.create_default_context(cafile=str(ca))
    if peer is not None:
        made.load_cert_chain(peer.identity.certificate, peer.identity.key)
    return made


def is_let_in(broker: PrivateBroker, tls: ssl.SSLContext, name: str = "x") -> bool:
    """Whether the broker answers an MQTT CONNECT with a CONNACK of success, without any client library."""
    body = b"\x00\x04MQTT\x05\x02\x00\x1e\x00" + len(name).to_bytes(2, "big") + name.encode()
    try:
        with (
            socket.create_connection((broker.host, broker.port), PATIENCE_S) as plain,
            tls.wrap_socket(plain, server_hostname=broker.host) as secure,
        ):
            secure.sendall(b"\x10" + bytes([len(body)]) + body)
            answer = secure.recv(5)
    except (ssl.SSLError, ConnectionError):
        return False
    return len(answer) >= 4 and answer[0] == CONNACK and answer[3] == 0
