"""Publishes policies in a small fleet, and looks at what is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from models.acceptance import Acceptance, Band, Claim, PartRecord, Verdict
from models.digests import Sha256
from provisioning.intake import Intake
from provisioning.mqtt import Delivery
from provisioning.outgoing import Leased, lease, mark_published
from provisioning.policy.accepted import ShippedMatchers
from provisioning.policy.models import KeptPolicy
from provisioning.policy.publish import PolicyDesk, PolicyOrder
from tests.builders import hello
from tests.provisioning.fleet import CENTRE, Fleet, Unit
from tests.provisioning.references import kept_calibration, measured
from wire.envelope import Kind, open_verified
from wire.hello import hello_payload
from wire.keys import key_id
from wire.policy import read_policy
from wire.reference import ReferenceClass
from wire.ticket import read_ticket
from wire.topics import Down, Up, up_topic

DAY_S = 86_400
KEYS = {key_id(CENTRE.public_key): CENTRE.public_key}
DIGEST = measured().use.model_digest
ACCEPTED = ShippedMatchers({DIGEST: 4400})
"""As if units were shipped with the matcher of `measured()`."""


def desk(fleet: Fleet, shipped: ShippedMatchers = ACCEPTED) -> PolicyDesk:
    return PolicyDesk(fleet.database, CENTRE, fleet.clock, shipped)


def order(*calibrations: int, name: str = "pension-2027", **changes: Any) -> PolicyOrder:
    return replace(PolicyOrder(name, calibrations, None, 30), **changes)


def published(fleet: Fleet, name: str = "pension-2027", **changes: Any) -> KeptPolicy:
    """The next version of a policy with one calibration."""
    return desk(fleet).publish(order(kept_calibration(fleet.database).id, name=name, **changes))


def leased(fleet: Fleet) -> tuple[Leased, ...]:
    with fleet.database.writing() as transaction:
        return lease(transaction, fleet.clock.now_s(), 50)


def sent(fleet: Fleet) -> list[tuple[str, str]]:
    """What is sent now: unit, and id of the policy or case of the ticket; the broker takes all of it."""
    parcels = leased(fleet)
    with fleet.database.writing() as transaction:
        mark_published(transaction, parcels, fleet.clock.now_s())
    return [(parcel.unit, inside(parcel)) for parcel in parcels]


def inside(parcel: Leased) -> str:
    if parcel.word is Down.POLICY:
        return read_policy(open_verified(parcel.payload, Kind.POLICY, KEYS)).id
    return read_ticket(open_verified(parcel.payload, Kind.TICKET, KEYS)).case


def greet(fleet: Fleet, unit: Unit) -> None:
    said = Delivery(up_topic(unit.name, Up.HELLO), hello_payload(hello(unit=unit.name, last_sequence=0)), False, 1, 1, 1)
    Intake(fleet.database, fleet.book, fleet.clock).take_in([said])


def acceptance(**changes: Any) -> Acceptance:
    """The record of a matcher that was measured and accepted, with changes."""
    band = Band("60 and over", 127, 8001, 28, 0.00232, 0.00506, 0.002, 0.006, 5100, 5900)
    record = Acceptance(
        matcher="theirs",
        digest=DIGEST,
        runtime="onnxruntime 1.32.0",
        preparation=1,
        parts=(PartRecord("theirs", Sha256("0a" * 32), 1, "Apache-2.0"),),
        measured_on=date(2026, 11, 23),
        claim=Claim(5400, 4400, 0.01, "60 and over", "Asian people of 60 and more", ReferenceClass.DOCUMENT),
        bands=(band,),
        misses=(),
        speed_ratio=1.2,
        verdict=Verdict.ACCEPTED,
        reasons=(),
    )
    return replace(record, **changes)
