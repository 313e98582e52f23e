"""`lifecert pad`: the kit with which the detection of attacks is tried on real units."""

from __future__ import annotations

import click

from edge.commands.pad_fit import fit
from edge.commands.pad_record import record
from edge.commands.pad_report import calibrate, report


@click.group(name="pad")
def group() -> None:
    """Collect presentations with a unit, report on them, and find the constants of the detection of attacks.

    What is proven by it, what is simulated and what is unknown stands in docs/pad.md.
    """


for _command in (record, report, calibrate, fit):
    group.add_command(_command)
