"""`lifecert challenge`: what a visit with a nonce would ask, so that anybody can render or film an answer and play it back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge.commands.console import Exit, Json, config_option, faults, json_option, print_json
from edge.config import load_settings
from edge.session.challenge import Challenge, challenge_of
from firmware.board import BoardKind, strobe_of
from firmware.strobe import Strobe
from wire.result import Mode


@click.command
@click.option("--seed", required=True, type=click.IntRange(0, 2**63 - 1), help="The nonce, as `lifecert verify --seed` takes it.")
@click.option(
    "--board",
    type=click.Choice([board.value for board in BoardKind]),
    help="The board whose lamps answer; without it, that of the settings.",
)
@config_option
@json_option
def challenge(seed: int, board: str | None, config: Path | None, as_json: bool) -> None:
    """Print what a full visit with this nonce asks for: the light of each symbol, and the actions, in their order.

    The lamps begin with the first symbol as soon as the face is ready, and begin anew after the last. A frame in which the light
    changes has the light "?". The actions are asked for after the light. Ends with 1 on a board that has no lamps of its own.

    \b
    Examples:
      lifecert challenge --seed 7 --board twin
      lifecert challenge --seed 7 --board pi --json
    """
    with faults(as_json=as_json):
        settings = load_settings(config)
    kind = BoardKind(board) if board else settings.unit.board
    strobe = strobe_of(kind, settings.unit.lamps)
    if not strobe.lamps:
        _refuse(f"the board {kind.value} has no lamps of its own, so it can ask nothing by light", as_json=as_json)
    asked = challenge_of(seed.to_bytes(16, "big"), Mode.FULL, strobe.lamps, strobe.symbol_ns)
    if as_json:
        print_json(_document(asked, strobe))
    else:
        _print(asked, strobe)


def _document(asked: Challenge, strobe: Strobe) -> Json:
    return {
        "symbols": list(asked.code.symbols) if asked.code else [],
        "symbol_ms": strobe.symbol_ns / 1e6,
        "frames_per_second": strobe.frames_per_second,
        "actions": [action.value for action in asked.actions],
        "instead": [action.value for action in asked.instead],
    }


def _print(asked: Challenge, strobe: Strobe) -> None:
    click.echo(f"light     {' '.join(asked.code.symbols) if asked.code else ''}")
    click.echo(f"symbol    {strobe.symbol_ns / 1e6:g} ms, {strobe.symbol_frames} frames at {strobe.frames_per_second:g} a second")
    click.echo(f"actions   {', '.join(action.value for action in asked.actions)}")
    click.echo(f"instead   {', '.join(action.value for action in asked.instead)}, where the policy allows it")


def _refuse(sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"error": {"code": "BoardUnsupported", "message": sentence}})
    else:
        click.echo(f"refused: {sentence}", err=True)
    sys.exit(Exit.REFUSED)
