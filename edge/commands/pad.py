"""`lifecert pad`: the kit with which the detection of attacks is tried."""

from __future__ import annotations

import click

from edge.commands.pad_fit import fit


@click.group(name="pad")
def group() -> None:
    """Find the constants of the detection of attacks."""


group.add_command(fit)
