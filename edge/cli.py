"""`lifecert`: the command line of the unit. Commands load when they are called, so that help is quick."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module

import click

import edge.one_thread  # noqa: F401  # before numpy is loaded
from edge.commands.console import Program
from edge.log import log_to_stderr
from edge.version import software_version

COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "verify": ("edge.commands.verify", "verify", "One whole attempt on a recording or a camera, against one photo."),
    "challenge": ("edge.commands.challenge", "challenge", "What a visit with a nonce would ask."),
    "compare": ("edge.commands.compare", "compare", "Compare the faces of two photos."),
    "quality": ("edge.commands.quality", "quality", "Grade the face in a photo, and say what would help."),
    "actions": ("edge.commands.actions", "actions", "List what the face of a clip does, and when."),
    "evaluate": ("edge.commands.evaluate", "group", "Error rates on pictures and footage."),
    "pad": ("edge.commands.pad", "group", "Constants, collection and report of attack detection."),
    "bench": ("edge.commands.bench", "bench", "What a frame costs, against the usual loop in the same run."),
    "soak": ("edge.commands.soak", "soak", "A unit for hours, ten times as fast as life, while faults happen."),
    "models": ("edge.commands.models", "group", "List, fetch and check the networks."),
    "reference": ("edge.commands.reference", "group", "Capture a reference while an official watches."),
    "cohort": ("edge.commands.cohort", "group", "Seal references of a programme for calibration."),
    "distance": ("edge.commands.distance", "group", "Teach a unit how far away faces are."),
    "survey": ("edge.commands.survey", "survey", "Is a place fit for a unit, and where should it stand?"),
    "result": ("edge.commands.result", "group", "Check a signed result."),
    "prompts": ("edge.commands.prompts", "group", "Render what the unit says."),
    "panel": ("edge.commands.panel", "group", "The page on the screen: set the PIN of its operator."),
    "doctor": ("edge.commands.doctor", "doctor", "Look at this unit and say what is wrong."),
    "lamps": ("edge.commands.lamps", "lamps", "What ordinary visits told of the lamps."),
}
"""Name, module, object and one line of help for each command."""


class LazyProgram(Program):
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


@click.group(cls=LazyProgram)
@click.version_option(software_version(), prog_name="lifecert")
@click.option("--verbose", is_flag=True, help="Write events to stderr.")
def main(verbose: bool) -> None:
    """Prove on this unit that a person is alive and is who they say they are.

    Every command ends with 0 when done, 1 when refused, 2 on a usage error or a fault.

    \b
    Examples:
      lifecert models pull --mirror /media/usb
      lifecert verify --camera clip:visit.mp4 --reference photo.jpg
      lifecert doctor
    """
    log_to_stderr(logging.INFO if verbose else logging.ERROR)
