"""Serving enrolment and the page of the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import click

from provisioning.centre import open_centre
from provisioning.console import Answer, Console, answering
from provisioning.files import PUBLIC, write_whole
from provisioning.server import Bound, Door, serve
from provisioning.settings import CentreSettings
from provisioning.web import application_for_people, application_for_units


@click.command("serve", epilog="Example: lifecert-centre serve --est-port 0 --page-port 0 --ready-file ready.json")
@click.option("--est-port", type=click.IntRange(0, 65535), help="Port of enrolment; 0 takes a free one.")
@click.option("--page-port", type=click.IntRange(0, 65535), help="Port of the ledger page; 0 takes a free one.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written once both are open, with their addresses.")
@answering
def serve_command(console: Console, est_port: int | None, page_port: int | None, ready_file: Path | None) -> None:
    """Serve enrolment (EST over TLS) and the ledger page (this machine only) until stopped."""
    settings = console.settings(est_port, page_port)

    def ready(bound: list[Bound]) -> None:
        document = _addresses(settings, bound)
        if ready_file is not None:
            write_whole(ready_file.absolute(), json.dumps(document).encode(), PUBLIC)
        console.say(Answer(f"enrolment    {document['est']}\nledger page  {document['page']}", document))

    with open_centre(settings) as centre:
        doors = [
            Door(application_for_units(centre), settings.est_host, settings.est_port, centre.layout.server),
            Door(application_for_people(centre), settings.page_host, settings.page_port, None),
        ]
        serve(doors, ready, centre.revocations.announce)


def _addresses(settings: CentreSettings, bound: list[Bound]) -> dict[str, object]:
    est, page = bound
    host = settings.server_names[0]
    return {
        "est": f"https://{_in_address(host)}:{est.port}",
        "est_port": est.port,
        "page": f"http://{_in_address(page.host)}:{page.port}/",
        "page_port": page.port,
    }


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
