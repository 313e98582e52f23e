"""`lifecert-centre`: everything that people do at the centre."""

from __future__ import annotations

from pathlib import Path

import click

from provisioning.commands.fleet import claim, device, ticket
from provisioning.commands.ledger import ledger
from provisioning.commands.setup import broker, init, serve_command
from provisioning.console import run_program
from provisioning.ingest import ingest


@click.group(
    epilog="Exit status: 0 done, 1 refused or not sound, 2 wrong usage or a fault.\n\n"
    "Example: lifecert-centre init && lifecert-centre claim new LC-0001 && lifecert-centre serve"
)
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: LIFECERT_CENTRE_DATA).")
def centre(data: Path | None) -> None:
    """The centre of the fleet: enrols units, sends tickets, keeps the ledger."""


for command in (init, serve_command, ingest, claim, device, ticket, ledger, broker):
    centre.add_command(command)


def main() -> None:
    """Run the program."""
    run_program(centre)


if __name__ == "__main__":
    main()
