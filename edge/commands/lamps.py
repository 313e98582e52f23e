"""`lifecert lamps`: what ordinary visits told of the unit's lamps, and a new beginning after they were replaced."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge.commands.console import Exit, config_option, faults, json_option, print_json
from edge.config import load_settings
from edge.health.diagnosis import of_lamps
from edge.health.emitter_memory import LampMemory
from edge.state_dir import StateDir


@click.command
@click.option("--renewed", is_flag=True, help="The lamps were replaced: what was known of the old ones is forgotten.")
@config_option
@json_option
def lamps(renewed: bool, config: Path | None, as_json: bool) -> None:
    """Say what the last visits told of the lamps: one that was never seen to shine, one that gives less than it used to.

    A lamp is held against the others of the same visit, so only visits in the mode full tell something, and lamps that all fade
    together are not found. Ends with 0 when all is well, 1 when a lamp needs somebody, 2 on a usage error or a fault.

    \b
    Examples:
      lifecert lamps
      lifecert lamps --renewed --json
    """
    with faults(as_json=as_json):
        state = load_settings(config).unit.state
        if renewed:
            LampMemory(StateDir(state).lamps).renew()
        finding = of_lamps(state)
    if as_json:
        print_json({"ok": finding.ok, "sentence": finding.sentence, "code": finding.code.value if finding.code else None})
    else:
        click.echo(finding.sentence)
    sys.exit(Exit.DONE if finding.ok else Exit.REFUSED)
