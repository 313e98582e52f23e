"""Claims, units and tickets."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from provisioning.centre import open_centre
from provisioning.clock import written
from provisioning.console import Answer, Console, answering, table
from provisioning.devices.models import Device
from provisioning.devices.registry import ClaimStanding
from provisioning.errors import FileUnusableError, InputInvalidError
from provisioning.files import read_whole
from provisioning.tickets.models import TicketOrder
from wire.policy import SHIPPED_POLICY
from wire.reference import Reference, ReferenceClass
from wire.result import Mode

DEFAULT_VALID_S = 86_400


@click.group()
def claim() -> None:
    """Claims, with which a unit enrols once."""


@claim.command("new", epilog="Example: lifecert-centre claim new LC-0001")
@click.argument("serial")
@click.option("--re-provision", is_flag=True, help="Replace the unit of this serial number: the old one is blocked.")
@answering
def claim_new(console: Console, serial: str, re_provision: bool) -> Answer:
    """Make a claim for SERIAL and show it, once. It works for 72 hours and survives five wrong tries."""
    with open_centre(console.settings()) as centre:
        make = centre.registry.make_claim_again if re_provision else centre.registry.make_claim
        made = make(serial)
    expires = written(made.expires_at_s)
    document = {"serial": made.serial, "unit": made.unit, "claim": made.text, "expires_at": expires}
    return Answer(f"{made.text}\nfor {made.serial}, which becomes {made.unit}, until {expires}", document)


@claim.command("list", epilog="Example: lifecert-centre claim list --json")
@answering
def claim_list(console: Console) -> Answer:
    """List claims, without their text, which is kept nowhere."""
    with open_centre(console.settings()) as centre:
        rows = [_claim_row(standing) for standing in centre.registry.claims()]
    return Answer(table(rows), {"claims": rows})


@click.group()
def device() -> None:
    """Units."""


@device.command("list", epilog="Example: lifecert-centre device list")
@answering
def device_list(console: Console) -> Answer:
    """List units, how far they have come and how they are."""
    with open_centre(console.settings()) as centre:
        rows = [_device_row(found) for found in centre.registry.devices()]
    return Answer(table(rows), {"devices": rows})


@device.command("block", epilog="Example: lifecert-centre device block unit-0a1b2c3d4e")
@click.argument("unit")
@answering
def device_block(console: Console, unit: str) -> Answer:
    """Block UNIT for good: certificates revoked, broker told, what it still sends is quarantined."""
    with open_centre(console.settings()) as centre:
        centre.registry.block(unit)
        told = centre.revocations.announce()
    return Answer(f"{unit} is blocked; broker: {told.value}", {"unit": unit, "state": "blocked", "broker": told.value})


@click.group()
def ticket() -> None:
    """Permissions for one visit."""


@ticket.command(
    "new",
    epilog="Example: lifecert-centre ticket new --unit unit-0a1b2c3d4e --case C-17 --subject 9f2c --reference photo.jpg "
    "--mode passive",
)
@click.option("--unit", required=True, help="Unit that makes the visit.")
@click.option("--case", required=True, help="Case at the office.")
@click.option("--subject", required=True, help="Pseudonym of the person, never a name or an ID number.")
@click.option(
    "--reference",
    "references",
    type=click.Path(path_type=Path),
    required=True,
    multiple=True,
    help="Reference picture; only its digest is kept. Up to four, of one person.",
)
@click.option(
    "--reference-class", "classes", type=click.Choice([one.value for one in ReferenceClass]), multiple=True,
    help="Where each picture comes from, in the same order; without it, all are documents.",
)  # fmt: skip
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), required=True, help="What the visitor is asked.")
@click.option("--valid-s", type=int, default=DEFAULT_VALID_S, show_default=True, help="Seconds until it expires.")
@click.option("--policy", default=SHIPPED_POLICY, show_default=True, help="Policy that applies.")
@answering
def ticket_new(
    console: Console, unit: str, case: str, subject: str, references: tuple[Path, ...], classes: tuple[str, ...],
    mode: str, valid_s: int, policy: str,
) -> Answer:  # fmt: skip
    """Make a ticket for one visit; ingest sends it to the unit."""
    order = TicketOrder(unit, case, subject, policy, Mode(mode), _references(references, classes), valid_s)
    with open_centre(console.settings()) as centre:
        made = centre.ticket_desk.make(order)
    expires = written(made.not_after_s)
    document = {"unit": made.unit, "case": made.case, "nonce": made.nonce.hex(), "expires_at": expires}
    return Answer(f"ticket {made.nonce.hex()} for {made.unit} until {expires}", document)


def _references(files: tuple[Path, ...], classes: tuple[str, ...]) -> tuple[Reference, ...]:
    """Each file with its class."""
    if classes and len(classes) != len(files):
        raise InputInvalidError("--reference-class is given once for each --reference, or not at all")
    named = [ReferenceClass(word) for word in classes] or [ReferenceClass.DOCUMENT] * len(files)
    return tuple(Reference(_digest(file), each) for file, each in zip(files, named, strict=True))


def _digest(reference: Path) -> bytes:
    content = read_whole(reference)
    if not content:
        raise FileUnusableError(reference, "is empty")
    return hashlib.sha256(content).digest()


def _claim_row(standing: ClaimStanding) -> dict[str, object]:
    claim = standing.claim
    return {
        "serial": claim.serial,
        "unit": claim.unit,
        "created_at": written(claim.created_at_s),
        "expires_at": written(claim.expires_at_s),
        "failures": claim.failures,
        "used_for": [use.value for use in standing.used_for],
    }


def _device_row(found: Device) -> dict[str, object]:
    return {
        "unit": found.unit,
        "serial": found.serial,
        "state": found.state.value,
        "registered_at": written(found.registered_at_s),
        "software": found.software,
        "last_sequence": found.last_sequence,
        "seen_at": None if found.seen_at_s is None else written(found.seen_at_s),
        "health": found.health.state if found.health else None,
        "trouble": found.health.trouble if found.health else None,
        "faults": list(found.health.faults) if found.health else [],
        "celsius": found.health.celsius if found.health else None,
        "health_at": written(found.health.at_s) if found.health else None,
    }
