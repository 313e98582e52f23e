"""A real mosquitto with the configuration that the centre writes: who gets in, and what is delivered to whom (F17, F21, F22).

The broker grants subscriptions that it then never serves, so access is proved by delivery. A message that must not arrive is
followed by one that must: once the second is there, the first is known to have been dropped.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from provisioning.ca.models import Use
from provisioning.centre import Centre, open_centre
from provisioning.founding import found_centre
from provisioning.revocation import Told
from provisioning.settings import CentreSettings
from tests.provisioning.peers import Line, Peer, connected, context, enrol, forge, is_let_in
from tests.services import PrivateBroker, private_broker
from wire.topics import ROOT, Down, Up, down_topic, up_topic

pytestmark = pytest.mark.broker

TAKEN = ("Success", "No matching subscribers")
"""The broker says the second when nobody listens at this moment: it has acknowledged, and yet nobody gets the message."""


@dataclass(frozen=True)
class Stage:
    """A centre, its broker, and three peers: two units and a consumer of the centre."""

    centre: Centre
    broker: PrivateBroker
    one: Peer
    two: Peer
    consumer: Peer
    folder: Path

    @property
    def ca(self) -> Path:
        return self.centre.layout.bundle


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("broker")
    settings = CentreSettings(data=folder / "centre")
    found_centre(settings)
    with private_broker(folder, settings.data) as broker, open_centre(settings) as centre:
        one, two = (enrol(centre, serial, folder) for serial in ("LC-0001", "LC-0002"))
        yield Stage(centre, broker, one, two, Peer("ingest-1", centre.layout.ingest(1)), folder)


@pytest.fixture
def one(stage: Stage) -> Iterator[Line]:
    with connected(stage.broker, stage.one, stage.ca) as line:
        yield line


@pytest.fixture
def two(stage: Stage) -> Iterator[Line]:
    with connected(stage.broker, stage.two, stage.ca) as line:
        yield line


@pytest.fixture
def consumer(stage: Stage) -> Iterator[Line]:
    with connected(stage.broker, stage.consumer, stage.ca) as line:
        yield line


def test_a_result_of_a_unit_reaches_the_consumer(stage: Stage, one: Line, consumer: Line) -> None:
    assert consumer.subscribe(f"{ROOT}/+/up/result") == ["Granted QoS 1"]

    assert one.publish(up_topic(stage.one.name, Up.RESULT), b"result") == "Success"

    assert consumer.next() == (up_topic(stage.one.name, Up.RESULT), b"result")


def test_a_receipt_reaches_the_unit(stage: Stage, one: Line, consumer: Line) -> None:
    one.subscribe(down_topic(stage.one.name, Down.RECEIPT))

    assert consumer.publish(down_topic(stage.one.name, Down.RECEIPT), b"receipt") == "Success"

    assert one.next() == (down_topic(stage.one.name, Down.RECEIPT), b"receipt")


@pytest.mark.parametrize(
    "foreign",
    [
        "{root}/{one}/up/result",
        "{root}/{one}/down/receipt",
        "{root}/{two}/down/receipt",
        "{root}/x/up/result",
        "lifecert/v1/all/down/beacon",
        "somewhere",
        "$SYS/broker/version",
    ],
)
def test_a_unit_is_told_that_it_may_not_publish_there_and_nobody_gets_it(
    stage: Stage, two: Line, consumer: Line, one: Line, foreign: str
) -> None:
    consumer.subscribe("#", f"{ROOT}/+/up/#")
    one.subscribe("#", f"{ROOT}/#")
    topic = foreign.format(root=ROOT, one=stage.one.name, two=stage.two.name)

    assert two.publish(topic, b"forbidden") == "Not authorized"
    assert two.publish(up_topic(stage.two.name, Up.RESULT), b"own") == "Success"

    assert consumer.next()[1] == b"own"
    consumer.publish(down_topic(stage.one.name, Down.TICKET), b"then")
    assert one.next()[1] == b"then"


def test_a_unit_hears_only_its_own_topics_whatever_it_subscribes_to(stage: Stage, two: Line, one: Line, consumer: Line) -> None:
    """F21: the broker grants these subscriptions; only delivery tells."""
    two.subscribe("#", "$SYS/#", f"{ROOT}/+/down/#", f"{ROOT}/+/up/#", f"{ROOT}/{stage.one.name}/#", "+/+/+/+/+/+")

    one.publish(up_topic(stage.one.name, Up.RESULT), b"of one")
    consumer.publish(down_topic(stage.one.name, Down.TICKET), b"for one")
    consumer.publish(down_topic(stage.two.name, Down.TICKET), b"for two")

    assert two.next() == (down_topic(stage.two.name, Down.TICKET), b"for two")


def test_a_retained_message_of_one_unit_is_not_handed_to_another(stage: Stage, one: Line, two: Line, consumer: Line) -> None:
    assert one.publish(up_topic(stage.one.name, Up.CONNECTION), b"1", retain=True) in TAKEN
    two.subscribe(f"{ROOT}/+/up/conn", f"{ROOT}/{stage.two.name}/down/#")

    consumer.publish(down_topic(stage.two.name, Down.TICKET), b"for two")

    assert two.next()[1] == b"for two"


def test_a_consumer_cannot_speak_for_a_unit(stage: Stage, consumer: Line, one: Line) -> None:
    assert consumer.publish(up_topic(stage.one.name, Up.RESULT), b"forged") == "Not authorized"
    one.subscribe(f"{ROOT}/{stage.one.name}/down/#")
    assert consumer.publish(down_topic(stage.one.name, Down.TICKET), b"real") == "Success"


def test_a_unit_cannot_push_another_off_by_taking_its_client_id(stage: Stage, one: Line, consumer: Line) -> None:
    one.subscribe(down_topic(stage.one.name, Down.RECEIPT))

    with connected(stage.broker, stage.two, stage.ca, client_id=stage.one.name) as thief:
        assert thief.publish(up_topic(stage.two.name, Up.RESULT), b"under its own name") in TAKEN
        assert thief.publish(up_topic(stage.one.name, Up.RESULT), b"under another") == "Not authorized"
        consumer.publish(down_topic(stage.one.name, Down.RECEIPT), b"receipt")

        assert one.next()[1] == b"receipt"
    assert one.lost.empty()


def test_a_message_over_the_size_limit_ends_only_its_own_connection(stage: Stage, two: Line, one: Line) -> None:
    """F28."""
    two.client.publish(up_topic(stage.two.name, Up.RESULT), b"x" * 70_000, qos=1)

    assert two.lost.get(timeout=10)
    assert one.publish(up_topic(stage.one.name, Up.RESULT), b"fine") in TAKEN


@pytest.mark.parametrize("name", ["#", "+", "unit/1", "$SYS", "x"])
def test_a_strange_name_in_a_certificate_opens_no_topic_of_a_unit(stage: Stage, one: Line, consumer: Line, name: str) -> None:
    """The centre never issues such a name; even so it leads nowhere."""
    peer = forge(stage.centre, name, stage.folder)
    one.subscribe(f"{ROOT}/{stage.one.name}/down/#")

    assert not is_let_in(stage.broker, context(peer, stage.ca)) or _is_deaf_and_mute(stage, peer, one, consumer)


def _is_deaf_and_mute(stage: Stage, peer: Peer, one: Line, consumer: Line) -> bool:
    with connected(stage.broker, peer, stage.ca) as stranger:
        stranger.subscribe("#", f"{ROOT}/+/down/#")
        answer = stranger.publish(up_topic(stage.one.name, Up.RESULT), b"forged")
        consumer.publish(down_topic(stage.one.name, Down.TICKET), b"for one")
        return one.next()[1] == b"for one" and stranger.messages.empty() and answer == "Not authorized"


def test_who_shows_no_certificate_stays_outside(stage: Stage) -> None:
    assert not is_let_in(stage.broker, context(None, stage.ca))


def test_a_result_certificate_opens_no_connection(stage: Stage) -> None:
    peer = forge(stage.centre, stage.one.name, stage.folder, Use.RESULT)

    assert not is_let_in(stage.broker, context(peer, stage.ca))


def test_the_certificate_of_a_server_opens_no_connection(stage: Stage) -> None:
    assert not is_let_in(stage.broker, context(Peer("centre", stage.centre.layout.server), stage.ca))


def test_a_unit_of_another_fleet_stays_outside(stage: Stage, tmp_path: Path) -> None:
    settings = CentreSettings(data=tmp_path / "other")
    found_centre(settings)
    with open_centre(settings) as other:
        stranger = enrol(other, "LC-0001", tmp_path)

    assert not is_let_in(stage.broker, context(stranger, stage.ca))


def test_tls_below_1_2_is_refused(stage: Stage) -> None:
    tls = context(stage.one, stage.ca)
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1

    assert not is_let_in(stage.broker, tls)


def test_a_unit_does_not_talk_to_a_broker_of_another_fleet(stage: Stage, tmp_path: Path) -> None:
    found_centre(CentreSettings(data=tmp_path / "other"))

    assert not is_let_in(stage.broker, context(stage.one, tmp_path / "other" / "ca.pem"))


def test_a_blocked_unit_is_cut_off_while_it_is_connected_and_cannot_come_back(stage: Stage, consumer: Line) -> None:
    """F22. The others stay."""
    peer = enrol(stage.centre, "LC-0009", stage.folder)
    with (
        connected(stage.broker, peer, stage.ca) as doomed,
        connected(stage.broker, stage.one, stage.ca) as other,
    ):
        assert doomed.publish(up_topic(peer.name, Up.RESULT), b"before") in TAKEN
        doomed.subscribe(down_topic(peer.name, Down.TICKET))

        stage.centre.registry.block(peer.name)
        assert stage.centre.revocations.announce() is Told.SIGNALLED
        stage.broker.wait_for("Reloading config")

        assert doomed.publish(up_topic(peer.name, Up.RESULT), b"after") == "Not authorized"
        consumer.publish(down_topic(peer.name, Down.TICKET), b"secret")
        assert other.publish(up_topic(stage.one.name, Up.RESULT), b"still here") in TAKEN
        assert doomed.messages.empty()
    assert not is_let_in(stage.broker, context(peer, stage.ca))
    assert is_let_in(stage.broker, context(stage.two, stage.ca))
