"""`lifecert result`: check a signed result with nothing but the certificates of the fleet."""

from __future__ import annotations

import base64
import binascii
import sys
from pathlib import Path

import click

from edge.commands.console import Exit, Json, faults, json_option, print_json
from wire.envelope import Kind, open_certified, unverified_payload
from wire.errors import MalformedError, StatementInvalidError, WireError
from wire.keys import read_certificates_pem
from wire.result import ResultStatement, read_result

LONGEST_TEXT = 16_384


@click.group(name="result")
def group() -> None:
    """Check a signed result."""


@group.command
@click.argument("token")
@click.option("--ca", required=True, type=click.Path(path_type=Path), metavar="CA.pem", help="The fleet's certificates.")
@json_option
def verify(token: str, ca: Path, as_json: bool) -> None:
    """Check TOKEN (base64url; a file that holds it; or - for standard input) against the fleet's certificates.

    Ends with 0 when a unit of this fleet signed it, 1 when not, 2 when a file cannot be read.

    \b
    Examples:
      lifecert result verify 0oRY... --ca ca.pem
      lifecert result verify result.token --ca ca.pem --json
    """
    with faults(as_json=as_json):
        issuers = read_certificates_pem(ca.read_bytes())
        text = _text(token)
    try:
        envelope = _bytes(text)
        claimed = read_result(unverified_payload(envelope, Kind.RESULT))
        certified = open_certified(envelope, Kind.RESULT, issuers, claimed.clock.issued_at_s)
        _check_same_unit(claimed, certified.unit)
    except WireError as error:
        _refuse(error, as_json=as_json)
    document = _document(claimed)
    if as_json:
        print_json(document)
    else:
        for key, value in document.items():
            click.echo(f"{key:12} {value}")


def _check_same_unit(claimed: ResultStatement, certified: str) -> None:
    if claimed.unit != certified:
        raise StatementInvalidError("iss", "not the unit that the certificate names")


def _refuse(error: WireError, *, as_json: bool) -> None:
    if as_json:
        print_json({"verified": False, "error": {"code": type(error).__name__.removesuffix("Error"), "message": str(error)}})
    else:
        click.echo(f"not verified: {error}", err=True)
    sys.exit(Exit.REFUSED)


def _text(token: str) -> str:
    if token == "-":  # noqa: S105  # the usual word for standard input
        return sys.stdin.read(LONGEST_TEXT)
    path = Path(token)
    if len(token) < 256 and path.is_file():
        return path.read_bytes()[:LONGEST_TEXT].decode("ascii", "replace")
    return token


def _bytes(text: str) -> bytes:
    text = text.strip()
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("not base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text.rstrip("="):
        raise MalformedError("not the one base64url spelling of its bytes")
    return data


def _document(statement: ResultStatement) -> Json:
    likeness, visit, consent = statement.likeness, statement.visit, statement.consent
    return {
        "verified": True,
        "unit": statement.unit,
        "verdict": statement.verdict.value,
        "reasons": [reason.value for reason in statement.reasons],
        "sequence": statement.sequence,
        "result_id": statement.result_id.hex(),
        "case": visit.case if visit else None,
        "policy": visit.policy if visit else None,
        "issued_at": statement.clock.issued_at_s,
        "clock": statement.clock.state.value,
        "similarity": likeness.similarity if likeness else None,
        "threshold": likeness.threshold if likeness else None,
        "reference_class": likeness.reference_class.value if likeness else None,
        "liveness": {cue.cue: {"score": cue.score, "threshold": cue.threshold} for cue in statement.liveness},
        "mode": statement.mode.value,
        "consent": {
            "text": consent.text,
            "language": consent.language,
            "how": consent.how.value,
            "given_at": consent.given_at_s,
        }
        if consent
        else None,
        "substituted": statement.substituted,
        "heat": statement.heat.value if statement.heat else None,
        "frames": statement.frames,
        "software": statement.software,
        "debug": statement.debug.value,
    }
