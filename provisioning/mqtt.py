"""The connection to the broker: the centre's door to paho-mqtt.

paho calls back on its own thread; every callback only puts an event into a queue, because an exception there would end
that thread while the client still looks connected. Everything else here is called by one thread, the owner's.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import (
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
)
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from provisioning.layout import KeyPair
from provisioning.tls import client_context

log = logging.getLogger(__name__)

SESSION_EXPIRY_S = 60
"""How long the broker keeps for us what we have not acknowledged. Short: units send again, and another consumer may take it."""
RECEIVE_MAXIMUM = 100
"""Messages that the broker may send before the first of them is acknowledged."""
KEEPALIVE_S = 30
REBUILD_AFTER_S = 60.0
"""Without a connection for this long, the client is thrown away and made anew."""
_FAREWELL_S = 2.0
_FIRST_FAILURE = 0x80
"""Reason codes from here on are failures (MQTT 5, 2.4)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that arrived. It stays the broker's until it is acknowledged."""

    topic: str
    payload: bytes
    retained: bool
    qos: int
    mid: int
    epoch: int
    """Counts connections: what came on an earlier one is sent again on this one, with another number."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The broker's answer to one of our messages."""

    mid: int
    taken: bool
    epoch: int


@dataclass(frozen=True, slots=True)
class _Up:
    client: Client
    reason: str
    failed: bool


@dataclass(frozen=True, slots=True)
class _Down:
    client: Client
    reason: str


@dataclass(frozen=True, slots=True)
class _Arrived:
    client: Client
    message: MQTTMessage


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    client: Client
    mid: int
    taken: bool


@dataclass(frozen=True, slots=True)
class _Subscribed:
    client: Client
    failed: bool


_Event = _Up | _Down | _Arrived | _Acknowledged | _Subscribed


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, and who we are to it."""

    host: str
    port: int
    client_id: str
    identity: KeyPair
    bundle: Path
    """Certificates that may vouch for the broker, PEM."""


class _Client(Client):
    """A paho client that tells when its network thread has ended, for whatever reason."""

    ended: threading.Event

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        try:
            return super().loop_forever(timeout, retry_first_connection)
        finally:
            self.ended.set()


class BrokerLink:
    """A supervised connection. One thread owns it; `tend` must be called again and again."""

    def __init__(self, address: BrokerAddress, filters: Sequence[str], monotonic_s: Callable[[], float]) -> None:
        self._address = address
        self._filters = filters
        self._monotonic_s = monotonic_s
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._client: _Client | None = None
        self._epoch = 0
        self._connected = False
        self._since_s = monotonic_s()

    @property
    def epoch(self) -> int | None:
        """The number of the present connection; None while there is none."""
        return self._epoch if self._connected else None

    def tend(self) -> None:
        """Make the client, or make it anew if its thread has ended or it has been without a connection for too long.

        Raises `FileUnusableError` when the files of our identity cannot be used.
        """
        if self._client is not None and not self._is_lost(self._client):
            return
        self._drop()
        self._client = self._make()
        self._since_s = self._monotonic_s()
        self._client.connect_async(
            self._address.host, self._address.port, KEEPALIVE_S, clean_start=False, properties=_connect_properties()
        )
        self._client.loop_start()

    def take(self, most: int, wait_s: float) -> list[Delivery | Confirmation]:
        """What has happened, oldest first; waits up to `wait_s` seconds for the first event."""
        taken: list[Delivery | Confirmation] = []
        for event in self._drain(wait_s):
            if event.client is self._client:
                taken.extend(self._hear(event))
            if len(taken) >= most:
                break
        return taken

    def acknowledge(self, delivery: Delivery) -> None:
        """Tell the broker to forget a message; nothing happens if its connection is gone."""
        if self._client is not None and delivery.epoch == self.epoch:
            self._client.ack(delivery.mid, delivery.qos)

    def publish(self, topic: str, payload: bytes) -> int | None:
        """Send a message with QoS 1; the number under which it will be confirmed, or None while there is no connection."""
        if self._client is None or not self._connected:
            return None
        info = self._client.publish(topic, payload, qos=1)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def close(self) -> None:
        """End the connection. The broker keeps our unacknowledged messages for a while."""
        self._drop()

    def _is_lost(self, client: _Client) -> bool:
        if client.ended.is_set():
            log.warning("broker client ended, making it anew")
            return True
        return not self._connected and self._monotonic_s() - self._since_s > REBUILD_AFTER_S

    def _make(self) -> _Client:
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._address.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        client.ended = threading.Event()
        client.tls_set_context(client_context(self._address.identity, self._address.bundle))
        client.connect_timeout = 10.0
        client.reconnect_delay_set(1, 15)
        client.max_inflight_messages_set(RECEIVE_MAXIMUM)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        return client

    def _drop(self) -> None:
        client, self._client, self._connected = self._client, None, False
        if client is not None:
            client.disconnect()
            client.ended.wait(_FAREWELL_S)  # and not `loop_stop`, which fails if the thread ends while it looks

    def _drain(self, wait_s: float) -> Iterator[_Event]:
        try:
            yield self._events.get(timeout=wait_s)
            while True:
                yield self._events.get_nowait()
        except queue.Empty:
            return

    def _hear(self, event: _Event) -> Iterator[Delivery | Confirmation]:
        match event:
            case _Up(client, reason, failed):
                self._begin(client, reason, failed)
            case _Down(_, reason):
                self._end(reason)
            case _Arrived(_, message):
                yield Delivery(message.topic, bytes(message.payload), message.retain, message.qos, message.mid, self._epoch)
            case _Acknowledged(_, mid, taken):
                yield Confirmation(mid, taken, self._epoch)
            case _Subscribed(_, failed) if failed:
                log.error("broker refused a subscription")

    def _begin(self, client: Client, reason: str, failed: bool) -> None:
        if failed:
            log.warning("broker refused the connection", extra={"reason": reason})
            return
        self._epoch += 1
        self._connected = True
        client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._filters])
        log.info("broker connected", extra={"epoch": self._epoch})

    def _end(self, reason: str) -> None:
        self._connected = False
        self._since_s = self._monotonic_s()
        log.warning("broker disconnected", extra={"reason": reason})

    # Called by paho's thread. Each only queues.

    def _on_connect(self, client: Client, _: object, __: ConnectFlags, reason: ReasonCode, ___: Properties | None) -> None:
        self._events.put(_Up(client, str(reason), reason.is_failure))

    def _on_disconnect(self, client: Client, _: object, __: DisconnectFlags, reason: ReasonCode, ___: Properties | None) -> None:
        self._events.put(_Down(client, str(reason)))

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        self._events.put(_Arrived(client, message))

    def _on_publish(self, client: Client, _: object, mid: int, reason: ReasonCode, __: Properties) -> None:
        self._events.put(_Acknowledged(client, mid, reason.value < _FIRST_FAILURE))

    def _on_subscribe(self, client: Client, _: object, __: int, reasons: list[ReasonCode], ___: Properties | None) -> None:
        self._events.put(_Subscribed(client, any(reason.value >= _FIRST_FAILURE for reason in reasons)))


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_EXPIRY_S
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    return properties
