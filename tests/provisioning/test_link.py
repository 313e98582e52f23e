"""The supervised connection and a real mosquitto: nothing unacknowledged is lost, a dead client is made anew (F17, F18)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.centre import Centre, open_centre
from provisioning.consumer import FILTERS
from provisioning.errors import FileUnusableError
from provisioning.founding import found_centre
from provisioning.layout import KeyPair
from provisioning.mqtt import BrokerAddress, BrokerLink, Confirmation, Delivery
from provisioning.settings import CentreSettings
from tests.provisioning.peers import connected, enrol
from tests.services import PrivateBroker, private_broker
from wire.topics import Down, Up, down_topic, up_topic

pytestmark = pytest.mark.broker

PATIENCE_S = 20


class Stage:
    """A centre with a broker, a unit, and the link of the first consumer."""

    def __init__(self, centre: Centre, broker: PrivateBroker, folder: Path) -> None:
        self.centre, self.broker = centre, broker
        self.unit = enrol(centre, "LC-0001", folder)
        layout = centre.layout
        self.address = BrokerAddress(broker.host, broker.port, "ingest-1", layout.ingest(1), layout.bundle)
        self.link = BrokerLink(self.address, FILTERS, time.monotonic)
        self.heard: list[Delivery | Confirmation] = []

    def until(self, happened: Callable[[], bool]) -> None:
        """Tend the link and listen until something has happened."""
        end = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < end, "it has not happened"
            self.link.tend()
            self.heard += self.link.take(50, 0.1)

    def deliveries(self) -> list[Delivery]:
        return [event for event in self.heard if isinstance(event, Delivery)]

    def until_subscribed(self) -> None:
        """Wait for a message to come through: an acknowledged subscription alone says little."""
        self.until(lambda: self.link.epoch is not None)
        with connected(self.broker, self.unit, self.centre.layout.bundle) as line:
            self.until(lambda: line.publish(up_topic(self.unit.name, Up.HELLO), b"ping") == "Success")
        self.until(lambda: self.deliveries() != [])
        self.settle()

    def settle(self) -> None:
        for delivery in self.deliveries():
            self.link.acknowledge(delivery)
        self.heard.clear()

    def say(self, *payloads: bytes) -> None:
        with connected(self.broker, self.unit, self.centre.layout.bundle) as line:
            for payload in payloads:
                assert line.publish(up_topic(self.unit.name, Up.RESULT), payload) == "Success"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    settings = CentreSettings(data=tmp_path / "centre")
    found_centre(settings)
    with private_broker(tmp_path, settings.data) as broker, open_centre(settings) as centre:
        stage = Stage(centre, broker, tmp_path)
        stage.until_subscribed()
        yield stage
        stage.link.close()


def test_messages_arrive_in_order_and_only_once_when_acknowledged(stage: Stage) -> None:
    stage.say(b"1", b"2", b"3")
    stage.until(lambda: len(stage.deliveries()) == 3)
    assert [delivery.payload for delivery in stage.deliveries()] == [b"1", b"2", b"3"]
    assert {(delivery.qos, delivery.retained) for delivery in stage.deliveries()} == {(1, False)}
    stage.settle()

    stage.say(b"4")
    stage.until(lambda: stage.deliveries() != [])

    assert [delivery.payload for delivery in stage.deliveries()] == [b"4"]


def test_what_was_not_acknowledged_comes_again_to_the_next_connection(stage: Stage) -> None:
    stage.say(b"1", b"2")
    stage.until(lambda: len(stage.deliveries()) == 2)
    stage.link.acknowledge(stage.deliveries()[0])
    stage.link.publish(down_topic(stage.unit.name, Down.RECEIPT), b"flushes the acknowledgement")
    stage.until(lambda: any(isinstance(event, Confirmation) for event in stage.heard))
    stage.heard.clear()
    stage.link.close()

    stage.link = BrokerLink(stage.address, FILTERS, time.monotonic)
    stage.until(lambda: stage.deliveries() != [])

    assert [delivery.payload for delivery in stage.deliveries()] == [b"2"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_client_whose_thread_died_is_made_anew(stage: Stage) -> None:
    """F17: an exception in a callback ends paho's thread while the client still says that it is connected."""

    def stumble(*_given: object) -> None:
        raise ZeroDivisionError

    client = stage.link._client
    assert client is not None
    client.on_message = stumble
    stage.say(b"1")

    stage.until(lambda: stage.deliveries() != [])

    assert [delivery.payload for delivery in stage.deliveries()] == [b"1"]
    assert stage.link._client is not client


def test_the_link_comes_back_by_itself_after_the_broker_was_killed(stage: Stage) -> None:
    stage.broker.kill()
    stage.until(lambda: stage.link.epoch is None)
    assert stage.link.publish(down_topic(stage.unit.name, Down.RECEIPT), b"nobody hears") is None

    stage.broker.start()
    stage.until_subscribed()

    stage.say(b"again")
    stage.until(lambda: stage.deliveries() != [])
    assert stage.deliveries()[0].payload == b"again"


def test_a_confirmation_says_whether_the_broker_took_the_message(stage: Stage) -> None:
    allowed = stage.link.publish(down_topic(stage.unit.name, Down.RECEIPT), b"receipt")
    forbidden = stage.link.publish(up_topic(stage.unit.name, Up.RESULT), b"forged")

    stage.until(lambda: len(stage.heard) == 2)

    assert {event.mid: event.taken for event in stage.heard if isinstance(event, Confirmation)} == {
        allowed: True,
        forbidden: False,
    }


def test_an_acknowledgement_for_an_earlier_connection_is_not_sent(stage: Stage) -> None:
    stage.say(b"1")
    stage.until(lambda: stage.deliveries() != [])
    old = replace(stage.deliveries()[0], epoch=0)

    stage.link.acknowledge(old)
    stage.link.close()
    stage.heard.clear()
    stage.link = BrokerLink(stage.address, FILTERS, time.monotonic)
    stage.until(lambda: stage.deliveries() != [])

    assert stage.deliveries()[0].payload == b"1"


def test_a_link_without_its_key_says_which_file_is_missing(stage: Stage, tmp_path: Path) -> None:
    missing = KeyPair(tmp_path / "no.key", tmp_path / "no.pem")
    link = BrokerLink(replace(stage.address, identity=missing), FILTERS, time.monotonic)

    with pytest.raises(FileUnusableError, match=r"no\.pem"):
        link.tend()


def test_two_consumers_share_the_messages(stage: Stage) -> None:
    address = replace(stage.address, client_id="ingest-2", identity=stage.centre.layout.ingest(2))
    second = BrokerLink(address, FILTERS, time.monotonic)
    shares: tuple[set[bytes], set[bytes]] = (set(), set())
    said: set[bytes] = set()

    stage.until(lambda: _share(stage, second, shares, said))
    second.close()

    assert shares[0] | shares[1] == said
    assert shares[0].isdisjoint(shares[1])


def _share(stage: Stage, second: BrokerLink, shares: tuple[set[bytes], set[bytes]], said: set[bytes]) -> bool:
    """Say one more, let both listen; whether both have some and all has been heard."""
    if not all(shares):
        said.add(payload := b"%d" % len(said))
        stage.say(payload)
    second.tend()
    for link, share in zip((stage.link, second), shares, strict=True):
        for event in link.take(50, 0.05):
            if isinstance(event, Delivery):
                share.add(event.payload)
                link.acknowledge(event)
    share_of_first = {delivery.payload for delivery in stage.deliveries()}
    shares[0].update(share_of_first)
    stage.settle()
    return all(shares) and shares[0] | shares[1] == said
