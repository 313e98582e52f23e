"""`lifecert-enrol`: give this appliance an identity in the fleet, by a claim of the centre."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from edge.clock import UnitClock, machine_sources
from edge.commands.console import Exit, fail, json_option, print_json
from edge.enrolment import Enrolment
from edge.errors import EdgeError, EnrolmentRefusedError, NotEnrolledError
from edge.est import EstClient
from edge.identity import Identity, load_identity
from edge.keystore import FileKeyStore
from edge.log import log_to_stderr
from edge.state_dir import StateDir
from wire.enrolment import read_serial
from wire.errors import WireError


def _serial(_context: click.Context, _option: click.Parameter, value: str) -> str:
    try:
        return read_serial(value)
    except WireError as error:
        raise click.BadParameter(str(error)) from error


def _https(_context: click.Context, _option: click.Parameter, value: str) -> str:
    scheme, _, host = value.rstrip("/").partition("://")
    if scheme != "https" or not host or set(host) & set("/@?# "):
        raise click.BadParameter("give https://HOST:PORT and nothing more")
    return f"https://{host}"


@click.command()
@click.option("--centre", required=True, callback=_https, metavar="https://HOST:PORT", help="Where the centre enrols units.")
@click.option("--serial", required=True, callback=_serial, metavar="SERIAL", help="The serial number on the appliance.")
@click.option("--claim-file", type=click.File("r", encoding="utf-8"), metavar="FILE", help="A file that holds the claim.")
@click.option("--claim", metavar="CLAIM", help="The claim itself; other users of the machine can see it while this runs.")
@click.option("--ca", required=True, type=click.File("rb"), metavar="CA.pem", help="The fleet's certificates, to be pinned.")
@click.option(
    "--state", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="The unit's state directory."
)
@json_option
def main(
    centre: str, serial: str, claim_file: TextIO | None, claim: str | None, ca: BinaryIO, state: Path, as_json: bool
) -> None:
    """Make this appliance a unit of the fleet. Without --claim and --claim-file the claim is read from standard input.

    Ends with 0 when enrolled, also when it was already; 1 when the centre refuses; 2 on a fault. Interrupted, it can be
    run again with the same claim.

    \b
    Example:
      lifecert-enrol --centre https://centre.example:8443 --serial LC-0001 --claim-file claim.txt \\
        --ca ca.pem --state /var/lib/lifecert
    """
    log_to_stderr(logging.WARNING)
    place = StateDir(state)
    try:
        before = _enrolled(place)
        identity = before or _enrol(place, centre, serial, _read_claim(claim, claim_file), ca.read())
    except EnrolmentRefusedError as error:
        _refused(error, as_json=as_json)
    except EdgeError as error:
        fail(error, as_json=as_json)
    _report(identity, already=before is not None, as_json=as_json)


def _enrolled(place: StateDir) -> Identity | None:
    try:
        return load_identity(place.root)
    except NotEnrolledError:
        return None


def _enrol(place: StateDir, centre: str, serial: str, claim: str, ca_pem: bytes) -> Identity:
    place.prepare()
    clock = UnitClock(place.clock, machine_sources())
    with EstClient(centre, serial, claim, ca_pem) as client:
        return Enrolment(place, FileKeyStore(place), client, clock, ca_pem).run()


def _read_claim(claim: str | None, claim_file: TextIO | None) -> str:
    if claim is not None and claim_file is not None:
        raise click.UsageError("give --claim or --claim-file, not both")
    try:
        text = claim if claim is not None else (claim_file or sys.stdin).read(1024)
    except ValueError as error:
        raise click.UsageError("the claim is not text") from error
    if not text.strip().isascii() or not text.strip().isalnum():
        raise click.UsageError("the claim is empty or has other characters than letters and digits")
    return text.strip()


def _refused(error: EnrolmentRefusedError, *, as_json: bool) -> None:
    if as_json:
        print_json({"error": {"code": error.code, "message": str(error)}})
    else:
        click.echo(f"refused: {error}", err=True)
    sys.exit(Exit.REFUSED)


def _report(identity: Identity, *, already: bool, as_json: bool) -> None:
    if as_json:
        broker = {"host": identity.contact.broker.host, "port": identity.contact.broker.port}
        print_json({"unit": identity.unit, "already_enrolled": already, "broker": broker})
    else:
        click.echo(f"already enrolled as {identity.unit}" if already else f"enrolled as {identity.unit}")
