"""The connection to the broker: MQTT 5 over mutual TLS. The unit's door to paho-mqtt.

paho calls back on a thread of its own, and an exception there ends that thread while the client still looks connected. So
callbacks only queue, and a client serves one connection: when its thread has ended, for whatever reason, a new one is made.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.clock import UnitClock
from edge.contact import Contact
from edge.tls import Dates, ended_before, unit_context
from edge.uplink.courier import Message

log = logging.getLogger(__name__)

SESSION_EXPIRY_S = 86_400
"""How long the broker keeps for us what we have not acknowledged."""
KEEPALIVE_S = 30
CONNECT_TIMEOUT_S = 10.0
FAREWELL_S = 2.0
_FIRST_FAILURE = 0x80
"""Reason codes from here on are failures (MQTT 5, 2.4)."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker took us in."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message; the broker keeps it until it is acknowledged."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    connection: int


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before the next connection, in seconds."""

    shortest_s: float = 1.0
    longest_s: float = 60.0
    good_after_s: float = 10.0
    """A connection that lived this long was a good one: the next pause is the shortest again."""

    def pause_s(self, failures: int, chance: float) -> float:
        """Doubles with each failure; `chance`, 0 to 1, spreads it from half to the whole."""
        return min(self.shortest_s * 2.0 ** min(failures, 30), self.longest_s) * (0.5 + chance / 2)


@dataclass(frozen=True, slots=True)
class _Up:
    refused: str | None


@dataclass(frozen=True, slots=True)
class _Ended:
    why: str


@dataclass(frozen=True, slots=True)
class _Published:
    refused: str | None


_Event = _Up | _Ended | _Published | MQTTMessage


class _Client(Client):
    """A paho client for one connection; it tells when its thread ends."""

    why = "the connection broke"
    ended: Callable[[str], None]
    turned: Callable[[], None]

    def loop_misc(self) -> MQTTErrorCode:
        """What paho's thread does in each of its turns, about once a second."""
        self.turned()
        return super().loop_misc()

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        """What paho's thread runs. A first connection that fails ends it too, so that all retrying is done in one place."""
        try:
            return super().loop_forever(timeout, retry_first_connection=False)
        except OSError as error:
            self.why = str(error) or type(error).__name__
            return MQTTErrorCode.MQTT_ERR_CONN_REFUSED
        finally:
            self.ended(self.why)


class MqttLine:
    """A line to the broker that mends itself. One thread owns it and calls `tend` and `take` again and again."""

    def __init__(
        self,
        contact: Contact,
        subscriptions: Sequence[str],
        farewell: Message,
        clock: UnitClock,
        monotonic_s: Callable[[], float],
        chance: Callable[[], float],
        back_off: BackOff,
    ) -> None:
        self._contact, self._subscriptions, self._farewell, self._clock = contact, subscriptions, farewell, clock
        self._monotonic_s, self._chance, self._back_off = monotonic_s, chance, back_off
        self._events: queue.SimpleQueue[tuple[Client, _Event]] = queue.SimpleQueue()
        self._client: _Client | None = None
        self._connections = 0
        self._connected_at_s: float | None = None
        self._failures = 0
        self._next_try_s = self._turned_at_s = monotonic_s()

    @property
    def silent_s(self) -> float:
        """How long the connection's thread has not turned, seconds, its connecting included; 0 while there is none."""
        return 0.0 if self._client is None else self._monotonic_s() - self._turned_at_s

    @property
    def connected(self) -> bool:
        """Whether there is a connection at this moment, as far as is known."""
        return self._connected_at_s is not None

    def tend(self) -> None:
        """Begin a connection when there is none and the pause is over; `IdentityDamagedError` when our files cannot be used."""
        if self._client is None and self._monotonic_s() >= self._next_try_s:
            self._client = client = self._new_client()
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = SESSION_EXPIRY_S
            broker = self._contact.broker
            client.connect_async(broker.host, broker.port, KEEPALIVE_S, clean_start=False, properties=properties)
            client.loop_start()

    def take(self, wait_s: float) -> list[Connected | Arrived]:
        """What has happened, oldest first; waits up to `wait_s` seconds for the first event."""
        return [heard for client, event in self._drain(wait_s) if client is self._client for heard in self._hear(event)]

    def publish(self, message: Message) -> None:
        """Send it. Whether it arrives is not known: the receipt of the centre tells."""
        if self._client is not None and self.connected:
            self._client.publish(message.topic, message.payload, qos=1 if message.confirmed else 0, retain=message.retained)

    def acknowledge(self, arrived: Arrived) -> None:
        """Tell the broker to forget a message; nothing happens when its connection is gone, for it will come again."""
        if self._client is not None and self.connected and arrived.connection == self._connections:
            self._client.ack(arrived.mid, arrived.qos)

    def close(self) -> None:
        """Say farewell if there is a connection, and end it."""
        self.publish(self._farewell)
        client, self._client, self._connected_at_s = self._client, None, None
        if client is not None:
            client.disconnect()
            self._wait_for_the_end_of(client)

    def _wait_for_the_end_of(self, client: Client) -> None:
        until_s = self._monotonic_s() + FAREWELL_S
        while (left_s := until_s - self._monotonic_s()) > 0:
            if any(whose is client and isinstance(event, _Ended) for whose, event in self._drain(left_s)):
                return

    def _new_client(self) -> _Client:
        contact = self._contact
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=contact.unit,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.tls_set_context(unit_context(contact.ca, contact.tls_certificate, contact.tls_key, self._dates()))
        client.will_set(self._farewell.topic, self._farewell.payload, qos=1, retain=self._farewell.retained)
        client.ended = lambda why: self._events.put((client, _Ended(why)))
        client.turned = self._turned
        self._turned()
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        return client

    def _dates(self) -> Dates:
        """Dates are judged by the wall clock, unless that is known to be wrong; then `_expired` judges them by the floor."""
        return Dates.NOT_CHECKED if self._clock.wall_is_wrong() else Dates.CHECKED

    def _drain(self, wait_s: float) -> Iterator[tuple[Client, _Event]]:
        try:
            yield self._events.get(timeout=wait_s)
            while True:
                yield self._events.get_nowait()
        except queue.Empty:
            return

    def _hear(self, event: _Event) -> Iterator[Connected | Arrived]:
        match event:
            case _Up(None) if self._expired():
                self._leave("the broker's certificate has expired")
            case _Up(None):
                self._begin()
                yield Connected()
            case _Up(refused):
                self._leave(f"the broker refused us: {refused}")
            case _Ended(why):
                self._hang_up()
                self._plan_next(why)
            case _Published(None):
                pass
            case _Published(refused):
                log.warning("the broker refused a message", extra={"why": refused})
            case MQTTMessage():
                yield Arrived(event.topic, bytes(event.payload), event.mid, event.qos, self._connections)

    def _begin(self) -> None:
        assert self._client is not None  # noqa: S101 (an event of the present client)
        self._connections += 1
        self._connected_at_s = self._monotonic_s()
        self._client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._subscriptions])
        log.info("connected to the broker")

    def _leave(self, why: str) -> None:
        """End a connection that the client still holds."""
        if self._client is not None:
            self._client.disconnect()
        self._plan_next(why)

    def _hang_up(self) -> None:
        """Close what a client left open whose thread has ended."""
        if self._client is not None and (socket := self._client.socket()) is not None:
            socket.close()

    def _plan_next(self, why: str) -> None:
        """Forget the client; another is made after a pause."""
        began_s, now_s = self._connected_at_s, self._monotonic_s()
        self._client = self._connected_at_s = None
        was_good = began_s is not None and now_s - began_s >= self._back_off.good_after_s
        self._failures = 0 if was_good else self._failures + 1
        self._next_try_s = now_s + self._back_off.pause_s(max(self._failures - 1, 0), self._chance())
        log.warning("no connection to the broker", extra={"why": why, "failures": self._failures})

    def _expired(self) -> bool:
        """Whether the broker's certificate ended before the unit's floor of time, which holds when the wall clock is wrong."""
        return ended_before(self._client.socket() if self._client else None, self._clock.floor_s)

    # Called by paho's thread. Each only queues, or writes down the time.

    def _turned(self) -> None:
        self._turned_at_s = self._monotonic_s()

    def _on_connect(self, client: Client, _: object, __: ConnectFlags, reason: ReasonCode, ___: Properties | None) -> None:
        self._events.put((client, _Up(str(reason) if reason.is_failure else None)))

    def _on_disconnect(self, client: Client, _: object, __: DisconnectFlags, reason: ReasonCode, ___: Properties | None) -> None:
        if isinstance(client, _Client):
            client.why = str(reason)

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        self._events.put((client, message))

    def _on_publish(self, client: Client, _: object, mid: int, reason: ReasonCode, __: Properties | None) -> None:
        self._events.put((client, _Published(str(reason) if reason.value >= _FIRST_FAILURE else None)))
