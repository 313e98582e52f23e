"""`lifecert-centre`: everything that people do at the centre. Commands load when they are called, so that help is quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click

from provisioning.console import ProgramGroup

COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "init": ("provisioning.commands.setup", "init", "Set the centre up: keys, certificates, database."),
    "serve": ("provisioning.commands.serving", "serve_command", "Serve enrolment and the ledger page until stopped."),
    "ingest": ("provisioning.ingest", "main", "Take results in, answer with receipts, send tickets out."),
    "claim": ("provisioning.commands.fleet", "claim", "Claims, with which a unit enrols once."),
    "device": ("provisioning.commands.fleet", "device", "Units: list them, block one."),
    "ticket": ("provisioning.commands.fleet", "ticket", "Permissions for one visit."),
    "cohort": ("provisioning.commands.cohort", "cohort", "Sealed references, from which thresholds are computed."),
    "calibrate": ("provisioning.commands.calibration", "calibrate", "Find the threshold that keeps a false match rate."),
    "matcher": ("provisioning.commands.policy", "matcher", "Matchers that policies may name."),
    "policy": ("provisioning.commands.policy", "policy", "Thresholds with their proof, signed for the units."),
    "ledger": ("provisioning.commands.ledger", "ledger", "List and check the append-only book of results."),
    "broker": ("provisioning.commands.setup", "broker", "Write the configuration of the MQTT broker."),
}
"""Name, module, object and one line of help for each command."""


class LazyProgram(ProgramGroup):
    """Imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(
    cls=LazyProgram,
    epilog="Exit status: 0 done, 1 refused or not sound, 2 wrong usage or a fault.\n\n"
    "Example: lifecert-centre init && lifecert-centre claim new LC-0001 && lifecert-centre serve",
)
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: LIFECERT_CENTRE_DATA).")
def main(data: Path | None) -> None:
    """The centre of the fleet: enrols units, sends tickets, keeps the ledger."""


if __name__ == "__main__":
    main()
