"""`lifecert-centre`: everything that people do at the centre."""

from __future__ import annotations

from pathlib import Path

import click

from provisioning.commands.fleet import claim, device, ticket
from provisioning.commands.ledger import ledger
from provisioning.commands.setup import broker, init, serve_command
from provisioning.console import ProgramGroup
from provisioning.ingest import main as ingest


@click.group(
    cls=ProgramGroup,
    epilog="Exit status: 0 done, 1 refused or not sound, 2 wrong usage or a fault.\n\n"
    "Example: lifecert-centre init && lifecert-centre claim new LC-0001 && lifecert-centre serve",
)
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: LIFECERT_CENTRE_DATA).")
def main(data: Path | None) -> None:
    """The centre of the fleet: enrols units, sends tickets, keeps the ledger."""


main.add_command(ingest, "ingest")
for command in (init, serve_command, claim, device, ticket, ledger, broker):
    main.add_command(command)


if __name__ == "__main__":
    main()
