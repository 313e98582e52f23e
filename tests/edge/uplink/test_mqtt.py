"""The line to the broker: whom it trusts, and how it mends itself whatever happens to it (F12, F16, F17, threat 12)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.clock import BUILD_TIME_S, TimeSources, UnitClock
from edge.contact import load_contact
from edge.errors import IdentityDamagedError
from edge.state_dir import KeyLabel, StateDir
from edge.uplink.courier import Message
from edge.uplink.mqtt import Arrived, BackOff, Connected, MqttLine
from tests.builders import UNIT, key
from tests.edge.fleet import certificate_pem, key_pem, server_certificate
from tests.edge.uplink.conftest import BROKER_KEY, enrolled
from tests.edge.uplink.desk import WAIT_S, CentreDesk
from tests.services import PrivateBroker
from wire.keys import Certificate
from wire.topics import Down, Up, down_topic, up_topic

EAGER = BackOff(shortest_s=0.02, longest_s=0.05)
FAREWELL = Message(up_topic(UNIT, Up.CONNECTION), b"0", retained=True)
HERE = replace(FAREWELL, payload=b"1")
TICKETS = down_topic(UNIT, Down.TICKET)
MakeBroker = Callable[[Certificate], PrivateBroker]


@contextlib.contextmanager
def line_to(state: Path, wall_s: Callable[[], float] = time.time) -> Iterator[MqttLine]:
    """A line of the unit that is enrolled in `state`, with a wall clock of the test's."""
    sources = TimeSources(wall_s, time.monotonic, lambda: True, "boot-1", lambda count: bytes(count))
    clock = UnitClock(StateDir(state).clock, sources)
    line = MqttLine(load_contact(state), [TICKETS], FAREWELL, clock, time.monotonic, lambda: 1.0, EAGER)
    try:
        yield line
    finally:
        line.close()


def hear(line: MqttLine, count: int = 1) -> list[Connected | Arrived]:
    """Tend the line until so many things have come."""
    until_s = time.monotonic() + WAIT_S
    heard: list[Connected | Arrived] = []
    while len(heard) < count:
        assert time.monotonic() < until_s, f"only {heard} came"
        line.tend()
        heard += line.take(0.05)
    return heard


def payloads(heard: list[Connected | Arrived]) -> list[bytes]:
    """What the messages among these say."""
    return [event.payload for event in heard if isinstance(event, Arrived)]


def connect(line: MqttLine, desk: CentreDesk) -> None:
    """Tend the line until the centre has heard over it, so that the broker has taken the subscriptions before."""
    assert hear(line) == [Connected()]
    line.publish(HERE)
    # The will of a connection that broke before says nothing about this one.
    list(iter(lambda: desk.presence.get(timeout=WAIT_S)[0], HERE.payload))


def tend_for(line: MqttLine, seconds: float) -> list[Connected | Arrived]:
    """Tend the line for a while; what came."""
    until_s = time.monotonic() + seconds
    heard: list[Connected | Arrived] = []
    while time.monotonic() < until_s:
        line.tend()
        heard += line.take(0.02)
    return heard


@pytest.mark.broker
def test_a_message_comes_until_it_is_acknowledged(state: Path, desk: CentreDesk) -> None:
    with line_to(state) as line:
        connect(line, desk)
        desk.send(Down.TICKET, b"first")
        assert payloads(hear(line)) == [b"first"]

    with line_to(state) as line:
        _, again = hear(line, 2)
        assert payloads([again]) == [b"first"]
        assert isinstance(again, Arrived)
        line.acknowledge(again)

    with line_to(state) as line:
        assert tend_for(line, 0.5) == [Connected()]


@pytest.mark.broker
@pytest.mark.parametrize("callback", ["_on_connect", "_on_publish", "_on_message"])
def test_an_exception_in_a_callback_costs_one_connection_and_no_message(
    state: Path, desk: CentreDesk, monkeypatch: pytest.MonkeyPatch, callback: str
) -> None:
    """F17: paho's thread dies of it while `is_connected` stays true; the line makes a new client within seconds."""
    ended = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda args: ended.set())
    called = getattr(MqttLine, callback)
    first = iter([True])

    def fail_once(*arguments: object) -> None:
        if next(first, False):
            raise RuntimeError("a bug in a callback")
        called(*arguments)

    monkeypatch.setattr(MqttLine, callback, fail_once)
    with line_to(state) as line:
        connect(line, desk)
        desk.send(Down.TICKET, b"precious")
        heard: list[Connected | Arrived] = []
        while not payloads(heard):
            heard += hear(line)

        assert payloads(heard) == [b"precious"]
        assert ended.wait(10)


@pytest.mark.broker
def test_a_message_that_the_broker_refuses_is_told(state: Path, desk: CentreDesk, caplog: pytest.LogCaptureFixture) -> None:
    """The broker acknowledges what it throws away; only the reason code of the acknowledgement says so."""
    with line_to(state) as line:
        connect(line, desk)
        line.publish(Message(up_topic("unit-00018", Up.RESULT), b"not ours to say", retained=False))
        tend_for(line, 0.3)

    assert "the broker refused a message" in caplog.text
    assert desk.results.empty()


@pytest.mark.broker
def test_a_broker_that_dies_and_returns_is_found_again(state: Path, broker: PrivateBroker) -> None:
    with line_to(state) as line:
        assert hear(line) == [Connected()]
        broker.kill()
        tend_for(line, 0.3)
        assert not line.connected

        broker.start()

        assert hear(line) == [Connected()]


@pytest.mark.broker
def test_many_broken_connections_leave_no_threads_behind(state: Path, broker: PrivateBroker) -> None:
    broker.stop()
    with line_to(state) as line:
        tend_for(line, 0.2)
        before = threading.active_count()
        tend_for(line, 1.0)

        assert threading.active_count() <= before + 1


@pytest.mark.broker
def test_a_broker_of_another_fleet_gets_nothing(tmp_path: Path, make_broker: MakeBroker) -> None:
    broker = make_broker(server_certificate(BROKER_KEY, issuer=101))
    with line_to(enrolled(tmp_path / "state", broker.port)) as line:
        assert tend_for(line, 0.5) == []

    assert not any("CONNECT" in entry for entry in broker.log)


@pytest.mark.broker
def test_a_broker_with_another_name_gets_nothing(tmp_path: Path, make_broker: MakeBroker) -> None:
    broker = make_broker(server_certificate(BROKER_KEY, host="127.0.0.2"))
    with line_to(enrolled(tmp_path / "state", broker.port)) as line:
        assert tend_for(line, 0.5) == []

    assert not any("CONNECT" in entry for entry in broker.log)


@pytest.mark.broker
def test_a_unit_of_another_fleet_does_not_get_in(tmp_path: Path, broker: PrivateBroker, caplog: pytest.LogCaptureFixture) -> None:
    with line_to(enrolled(tmp_path / "state", broker.port, issuer=101)) as line:
        assert tend_for(line, 0.5) == []

    assert "no connection to the broker" in caplog.text


LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC), datetime(2002, 1, 1, tzinfo=UTC)
NOT_YET = datetime(2150, 1, 1, tzinfo=UTC), datetime(2160, 1, 1, tzinfo=UTC)


@pytest.mark.broker
def test_a_right_clock_checks_the_dates_of_the_broker(tmp_path: Path, make_broker: MakeBroker) -> None:
    broker = make_broker(server_certificate(BROKER_KEY, valid=NOT_YET))
    with line_to(enrolled(tmp_path / "state", broker.port)) as line:
        assert tend_for(line, 0.5) == []


@pytest.mark.broker
def test_a_clock_in_1970_does_not_keep_the_unit_from_delivering(tmp_path: Path, make_broker: MakeBroker) -> None:
    """The same certificate, which a right clock refuses, stands for any certificate seen from 1970 (F12)."""
    broker = make_broker(server_certificate(BROKER_KEY, valid=NOT_YET))
    with line_to(enrolled(tmp_path / "state", broker.port), wall_s=lambda: 0.0) as line:
        assert hear(line) == [Connected()]


@pytest.mark.broker
def test_a_clock_in_1970_still_refuses_what_expired_before_the_floor(tmp_path: Path, make_broker: MakeBroker) -> None:
    assert LONG_AGO[1].timestamp() < BUILD_TIME_S
    broker = make_broker(server_certificate(BROKER_KEY, valid=LONG_AGO))
    with line_to(enrolled(tmp_path / "state", broker.port), wall_s=lambda: 0.0) as line:
        assert tend_for(line, 0.5) == []
        assert not line.connected


def test_keys_that_cannot_be_read_are_a_fault_of_the_identity(tmp_path: Path) -> None:
    state = enrolled(tmp_path / "state", 1)
    StateDir(state).key(KeyLabel.TLS).write_bytes(b"no key")

    with line_to(state) as line, pytest.raises(IdentityDamagedError):
        line.tend()


# Brokers that are none


Odd = Callable[[socket.socket, Path], object]
"""Does something to a connection that was accepted; the path is a server's key and certificate."""


class OddServer:
    """Accepts connections and does something odd to each."""

    def __init__(self, odd: Odd, folder: Path) -> None:
        self.accepted = 0
        self._odd, self._chain = odd, folder / "odd.pem"
        self._chain.write_bytes(key_pem(key(BROKER_KEY)) + certificate_pem(server_certificate(BROKER_KEY)))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._kept: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for connection in (self._listener, *self._kept):
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._kept.append(connection)
            with contextlib.suppress(OSError):
                self._odd(connection, self._chain)


def hang_up(connection: socket.socket, _: Path) -> None:
    connection.close()


def reset(connection: socket.socket, _: Path) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    connection.close()


def plain_garbage(connection: socket.socket, _: Path) -> None:
    connection.sendall(b"\x20\xff\xff\xff\xff garbage" * 50)
    connection.close()


def garbage_after_tls(connection: socket.socket, chain: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with context.wrap_socket(connection, server_side=True) as secured:
        secured.recv(100)
        secured.sendall(b"\xf7\xff\xff\xff\xff\x01" * 100)


def keep_silent(connection: socket.socket, _: Path) -> None:
    """Neither answer nor close."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("odd", [hang_up, reset, plain_garbage, garbage_after_tls])
def test_whatever_a_false_broker_does_the_line_tries_again_and_leaves_no_threads(tmp_path: Path, odd: Odd) -> None:
    server = OddServer(odd, tmp_path)
    before = threading.active_count()
    with line_to(enrolled(tmp_path / "state", server.port)) as line:
        assert tend_for(line, 0.6) == []

        assert server.accepted >= 3
        assert threading.active_count() <= before + 2
    server.close()


def test_a_broker_that_accepts_and_stays_silent_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    server = OddServer(keep_silent, tmp_path)
    with line_to(enrolled(tmp_path / "state", server.port)) as line:
        began_s = time.monotonic()
        assert tend_for(line, 0.3) == []

        assert time.monotonic() - began_s < 1
        assert not line.connected
        assert server.accepted == 1
    server.close()


@pytest.mark.broker
def test_a_thread_that_turns_is_heard_of_and_one_that_is_stuck_grows_silent(
    state: Path, desk: CentreDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    monkeypatch.setattr(MqttLine, "_on_message", lambda *_: stuck.wait(10.0))

    with line_to(state) as line:
        without_a_connection_s = line.silent_s
        connect(line, desk)
        tend_for(line, 2.5)
        turning_s = line.silent_s

        desk.send(Down.TICKET, b"heavy")
        tend_for(line, 2.8)
        stuck_s = line.silent_s
        stuck.set()

    assert without_a_connection_s == 0.0
    assert turning_s < 1.5
    assert stuck_s > 2.0
