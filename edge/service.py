"""`lifecert-edge`: the program that sees faces. It has no network; results leave it only through the spool."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

import edge.one_thread  # noqa: F401  # before numpy is loaded
from edge.commands.console import Exit, Json, Program, config_option, faults, json_option, mirror_option, print_json
from edge.duty import DISK_ERRORS, stay_on_duty
from edge.errors import (
    TicketMissingError,
)
from edge.front import ENDING_SHOWN_S
from edge.log import log_to_stderr
from edge.post import REFUSALS, open_post, open_unit, opened_for_tickets, options, serve_one
from edge.pulse import Pulse
from edge.service_manager import teller
from edge.spool.spool import Spool
from edge.unit import VisitReport
from firmware.errors import FirmwareError
from wire.result import Verdict
from wire.ticket import Ticket

POLL_S = 0.1

_state = click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="State directory of the unit.")
_camera = click.option("--camera", metavar="SPEC", help="Camera; without it, the one of the settings.")
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_GALLERY_HELP = "Folder with the reference photos; the ticket names the right ones by their digests."


@click.group(cls=Program)
@click.option("--verbose", is_flag=True, help="Write events to stderr.")
def main(verbose: bool) -> None:
    """Serve visits on this unit. It must be enrolled; `lifecert-uplink` brings tickets and takes results away.

    \b
    Examples:
      lifecert-edge visit case-2026-000123 --gallery /var/lib/lifecert/gallery
      lifecert-edge serve --gallery /var/lib/lifecert/gallery
    """
    log_to_stderr(logging.INFO if verbose else logging.WARNING)


@main.command
@click.argument("case")
@_state
@_camera
@click.option("--gallery", type=_FOLDER, metavar="DIR", help=_GALLERY_HELP)
@click.option(
    "--photo",
    "photos",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    metavar="FILE",
    help="A reference photo, in place of --gallery; give each photo that the ticket names.",
)
@click.option("--wait-s", type=click.FloatRange(0, 3600), default=0.0, help="Wait so long for the ticket to arrive.")
@mirror_option
@config_option
@json_option
def visit(
    case: str, state: Path | None, camera: str | None, gallery: Path | None, photos: tuple[Path, ...], wait_s: float,
    mirror: Path | None, config: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Serve the visit of one case. With --json, what happens is told on stderr, one JSON object a line.

    The visitor agrees on the panel or by the button, or unit.consent in the settings is witness: the worker has asked.

    Ends with 0 when accepted, 1 with any other verdict or without a valid ticket or a policy that fits, 2 on a fault.

    \b
    Examples:
      lifecert-edge visit case-2026-000123 --gallery photos --config unit.toml --wait-s 10
      lifecert-edge visit case-2026-000124 --photo on-the-card.jpg --photo taken-at-the-office.png
    """
    if (gallery is None) is (not photos):
        raise click.UsageError("give either --gallery DIR or one or more --photo FILE")
    with faults(as_json=as_json):
        chosen = options(state, camera, gallery or photos, mirror, config)
        with open_unit(chosen) as unit, open_post(chosen) as post, refusals(as_json=as_json):
            report = serve_one(unit, await_ticket(unit.spool, case, wait_s), chosen, post.place, as_json=as_json)
            time.sleep(ENDING_SHOWN_S if post.place.parts.shows or chosen.settings.stage else 0)
    if as_json:
        print_json(_document(report))
    else:
        click.echo(f"{report.judgement.decision.verdict.value} {_words(report)}".strip())
    sys.exit(Exit.DONE if report.judgement.decision.verdict is Verdict.ACCEPTED else Exit.REFUSED)


@main.command
@_state
@_camera
@click.option("--gallery", required=True, type=_FOLDER, metavar="DIR", help=_GALLERY_HELP)
@mirror_option
@config_option
def serve(state: Path | None, camera: str | None, gallery: Path, mirror: Path | None, config: Path | None) -> None:
    """Serve every ticket that arrives, one after the other, until stopped (SIGTERM).

    A disk that is full or read-only, or a camera that is missing, does not end it: it says so to the service manager and in the
    log, and tries again.

    \b
    Example:
      lifecert-edge serve --gallery /var/lib/lifecert/gallery --config /etc/lifecert/unit.toml
    """
    with faults(as_json=False):
        chosen = options(state, camera, gallery, mirror, config)
        pulse = Pulse(teller(os.environ), time.monotonic)
        _heed_the_service_manager(pulse)
        with open_post(chosen) as post:
            may_pass = (*DISK_ERRORS, FirmwareError)
            stay_on_duty(lambda: opened_for_tickets(chosen, post, pulse), pulse, time.sleep, may_pass, post.front.ail)


def _heed_the_service_manager(pulse: Pulse) -> None:
    """SIGTERM unwinds what is open, so that lamps go dark; the attempt is reported at the next start. A program that its
    watchdog ends (SIGABRT) says first where it hung."""

    def leave(_number: int, _frame: object) -> None:
        pulse.stopping()
        sys.exit(Exit.DONE)

    faulthandler.enable()
    signal.signal(signal.SIGTERM, leave)


def await_ticket(spool: Spool, case: str, wait_s: float) -> Ticket:
    """The ticket of a case, waiting for the uplink to bring it; `TicketMissingError` when it does not come."""
    until = time.monotonic() + wait_s
    while True:
        ticket = spool.ticket(case)
        if ticket is not None:
            return ticket
        if time.monotonic() >= until:
            raise TicketMissingError(case)
        time.sleep(POLL_S)


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """A visit that may not take place ends with 1 and one sentence."""
    try:
        yield
    except (*REFUSALS, TicketMissingError) as error:
        if as_json:
            print_json({"error": {"code": type(error).__name__.removesuffix("Error"), "message": str(error)}})
        else:
            click.echo(f"refused: {error}", err=True)
        sys.exit(Exit.REFUSED)


def _words(report: VisitReport) -> str:
    return ", ".join(reason.value for reason in report.judgement.decision.reasons)


def _document(report: VisitReport) -> Json:
    decision = report.judgement.decision
    return {
        "case": report.case,
        "verdict": decision.verdict.value,
        "reasons": [reason.value for reason in decision.reasons],
        "sequence": report.queued.sequence,
        "result_id": report.queued.result_id.hex(),
        "frames": report.judgement.frames,
        "cpu_ms_per_frame": round(report.cpu_ms_per_frame, 2),
    }
