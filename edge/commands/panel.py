"""`lifecert panel`: what is set up on the unit itself for the page on its screen."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge.commands.console import Exit, config_option, faults, json_option, print_json
from edge.panel.errors import PinUnfitError
from edge.panel.operator.pin import LONGEST, SHORTEST, PinFile
from edge.panel.settings import load_panel_settings


@click.group
def group() -> None:
    """Set up the page on the screen."""


@group.command
@config_option
@json_option
def pin(config: Path | None, as_json: bool) -> None:
    """Set the PIN of the operator's page: asked for twice at a terminal, else one line of standard input.

    6 to 12 digits that follow no pattern. There is no PIN before one is set, and no usual one. A running panel takes it at
    once and forgets wrong ones. Ends with 0 when set, 1 when the PIN is too easy, 2 on a fault.

    \b
    Examples:
      sudo lifecert panel pin
      sudo lifecert panel pin --config /etc/lifecert/unit.toml < pin.txt
    """
    with faults(as_json=as_json):
        settings = load_panel_settings(config)
        try:
            PinFile(settings.pin).keep(_asked())
        except PinUnfitError as error:
            _refused(error, as_json=as_json)
    if as_json:
        print_json({"pin": "set", "file": str(settings.pin)})
    else:
        click.echo(f"the PIN is set: {settings.pin}")


def _asked() -> str:
    if sys.stdin.isatty():
        words = f"PIN ({SHORTEST} to {LONGEST} digits)"
        return str(click.prompt(words, hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline(64).strip()


def _refused(error: PinUnfitError, *, as_json: bool) -> None:
    if not as_json:
        click.echo(f"refused: {error}", err=True)
        sys.exit(Exit.REFUSED)
    print_json({"error": {"code": "PinUnfit", "message": str(error)}})
    sys.exit(Exit.REFUSED)
