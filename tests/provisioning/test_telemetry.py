"""What units say of themselves reaches the fleet: the last word of each unit, and nobody else's. On both kinds of database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioning.audit import Actor
from provisioning.centre import open_centre
from provisioning.consumer import FILTERS
from provisioning.devices.models import Device, LastHealth
from provisioning.devices.registry import block_unit
from provisioning.devices.store import DeviceStore
from provisioning.errors import DeliveryRejectedError
from provisioning.ledger.arrivals import open_telemetry
from provisioning.settings import CentreSettings
from tests.builders import NOW_S, condition, hello, telemetry
from tests.provisioning.conftest import Run
from tests.provisioning.fleet import Fleet, Unit
from tests.provisioning.peers import enrol
from tests.provisioning.test_intake import delivery, intake, reject_reasons
from wire.condition import UnitCondition
from wire.hello import hello_payload
from wire.reasons import Reason
from wire.telemetry import telemetry_payload
from wire.topics import Up, up_topic

HOT = condition(state="paused", trouble=Reason.TOO_HOT, faults=("overheated", "lens_dirty"), celsius=91)
WELL = condition(state="serving", trouble=None, faults=(), celsius=None)


def told(fleet: Fleet, unit: Unit, said: UnitCondition, *, qos: int = 0, retained: bool = False) -> Device:
    """The unit as the fleet knows it after it said this."""
    payload = telemetry_payload(telemetry(unit=unit.name, condition=said))
    intake(fleet).take_in([delivery(unit, payload, Up.TELEMETRY, qos=qos, retained=retained)])
    with fleet.database.reading() as transaction:
        device = DeviceStore(transaction).find(unit.name)
    assert device is not None
    return device


def test_the_last_word_of_a_unit_is_kept_with_the_centres_own_time(fleet: Fleet) -> None:
    unit, other = fleet.unit(), fleet.unit()

    first = told(fleet, unit, HOT)
    fleet.clock.at_s += 60
    last = told(fleet, unit, WELL)

    assert first.health == LastHealth("paused", "TOO_HOT", ("overheated", "lens_dirty"), 91, NOW_S)
    assert last.health == LastHealth("serving", None, (), None, NOW_S + 60)
    with fleet.database.reading() as transaction:
        untold = DeviceStore(transaction).find(other.name)
    assert untold is not None
    assert untold.health is None
    assert reject_reasons(fleet) == ()


def test_a_hello_tells_the_same_and_one_without_it_takes_nothing_back(fleet: Fleet) -> None:
    unit = fleet.unit()
    said = hello(unit=unit.name, last_sequence=0, condition=HOT)

    intake(fleet).take_in([delivery(unit, hello_payload(said), Up.HELLO)])
    intake(fleet).take_in([delivery(unit, hello_payload(hello(unit=unit.name, last_sequence=0)), Up.HELLO)])

    with fleet.database.reading() as transaction:
        device = DeviceStore(transaction).find(unit.name)
    assert device is not None
    assert device.health is not None
    assert device.health.state == "paused"


def test_a_retained_report_is_rejected(fleet: Fleet) -> None:
    assert told(fleet, fleet.unit(), HOT, retained=True).health is None
    assert len(reject_reasons(fleet)) == 1


def test_a_blocked_unit_is_not_listened_to(fleet: Fleet) -> None:
    unit = fleet.unit()
    with fleet.database.writing() as transaction:
        block_unit(transaction, unit.name, NOW_S, Actor.CONSOLE)

    assert told(fleet, unit, HOT).health is None


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (up_topic("unit-00002", Up.TELEMETRY), telemetry_payload(telemetry(unit="unit-00001"))),
        (up_topic("unit-00001", Up.HELLO), telemetry_payload(telemetry(unit="unit-00001"))),
        (up_topic("unit-00001", Up.TELEMETRY), telemetry_payload(telemetry(unit="unit-00001")) + b"\x00"),
        (up_topic("unit-00001", Up.TELEMETRY), hello_payload(hello(unit="unit-00001"))),
        (up_topic("unit-00001", Up.TELEMETRY), b""),
    ],
)
def test_telemetry_that_is_none_is_rejected(topic: str, payload: bytes) -> None:
    with pytest.raises(DeliveryRejectedError):
        open_telemetry(topic, payload)


def test_the_centre_listens_to_telemetry() -> None:
    assert "$share/ingest/lifecert/v1/u/+/up/telemetry" in FILTERS


def test_the_list_of_devices_tells_how_each_is(run: Run, centre_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_centre(CentreSettings(data=centre_data)) as centre:
        peer = enrol(centre, "LC-0001", centre_data)
        with centre.database.writing() as transaction:
            DeviceStore(transaction).note_condition(peer.name, HOT, NOW_S)
    capsys.readouterr()

    assert run("device", "list", "--data", centre_data, "--json") == 0

    (row,) = json.loads(capsys.readouterr().out)["devices"]
    assert (row["health"], row["trouble"], row["celsius"]) == ("paused", "TOO_HOT", 91)
    assert row["faults"] == ["overheated", "lens_dirty"]
    assert row["health_at"] is not None
