"""What all commands share: the options --data and --json, one answer on standard output, and the exit status.

0 done, 1 refused or something is wrong with what was checked, 2 wrong usage or a fault.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, NoReturn, ParamSpec

import click

from models.errors import ModelError
from provisioning.errors import ProvisioningError, RefusedError
from provisioning.log import log_to_stderr
from provisioning.settings import CentreSettings, read_settings

DONE, REFUSED, FAULT = 0, 1, 2

Parameters = ParamSpec("Parameters")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says, once for people and once for programs."""

    text: str
    document: Mapping[str, object]
    status: int = DONE


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows under their names, columns aligned."""
    if not rows:
        return "none"
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _cell(value: object) -> str:
    if value is None or value == []:
        return "-"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


class Console:
    """Where a command reads its settings and gives its one answer."""

    def __init__(self, data: Path | None, as_json: bool) -> None:
        self._data = data
        self._as_json = as_json

    def settings(self, est_port: int | None = None, page_port: int | None = None) -> CentreSettings:
        """The settings of this run."""
        return read_settings(self._data, est_port, page_port)

    def say(self, answer: Answer) -> None:
        """Write the answer to standard output."""
        click.echo(json.dumps(answer.document, ensure_ascii=False) if self._as_json else answer.text)


def answering(command: Callable[Concatenate[Console, Parameters], Answer | None]) -> Callable[..., None]:
    """Make a command of a function that takes a console and returns an answer, or None if it has said it already."""

    @click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: LIFECERT_CENTRE_DATA).")
    @click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document on standard output.")
    @click.pass_context
    @functools.wraps(command)
    def run(
        context: click.Context, /, data: Path | None, as_json: bool, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> None:
        chosen = data or context.find_root().params.get("data")
        console = Console(chosen, as_json)
        answer = command(console, *args, **kwargs)
        if answer is None:
            return
        console.say(answer)
        context.exit(answer.status)

    return run


class Program(click.Command):
    """A command that is run as a program: every error becomes one sentence, or one JSON document, and an exit status."""

    def main(self, args: Sequence[str] | None = None, *given: Any, **named: Any) -> NoReturn:
        """Run to the end and exit."""
        log_to_stderr()
        words = list(sys.argv[1:] if args is None else args)
        named["standalone_mode"] = False
        try:
            sys.exit(super().main(words, *given, **named) or DONE)
        except click.ClickException as error:
            _fail(words, "usage", error.format_message(), FAULT)
        except click.Abort:
            _fail(words, "interrupted", "interrupted", FAULT)
        except ProvisioningError as error:
            _fail(words, error.code, str(error), REFUSED if isinstance(error, RefusedError) else FAULT)
        except ModelError as error:
            _fail(words, "models", str(error), FAULT)


class ProgramGroup(Program, click.Group):
    """A program with commands."""


def _fail(words: Sequence[str], code: str, message: str, status: int) -> NoReturn:
    if "--json" in words:
        click.echo(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    else:
        click.echo(f"Error: {message}", err=True)
    sys.exit(status)
