"""What all commands share: options, one JSON document, exit codes, and errors as one sentence."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import click

from edge.errors import EdgeError
from firmware.errors import FirmwareError
from models.errors import ModelError
from models.variant import Form
from wire.errors import WireError

Json = Mapping[str, object]


class Exit(IntEnum):
    """Exit codes of every program of ours."""

    DONE = 0
    REFUSED = 1
    FAULT = 2


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
mirror_option = click.option(
    "--mirror",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with the model files, or with a folder models/. Without it: LIFECERT_MIRROR.",
)
choice_option = click.option(
    "--choice", type=click.Path(path_type=Path), metavar="FILE", help="What lifecert models benchmark chose."
)
manifest_option = click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A manifest of your own, whose models and matchers are added to ours. Without it: LIFECERT_MANIFEST.",
)
form_option = click.option(
    "--form",
    type=click.Choice([form.value for form in Form]),
    default=Form.SHIPPED.value,
    show_default=True,
    callback=lambda _, __, word: Form(word),
    help="Which files: those that ship, or those made of them on this machine.",
)
config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="LIFECERT_CONFIG",
    help="Settings of the unit (TOML). Without it: LIFECERT_CONFIG, else the defaults.",
)


class Program(click.Group):
    """A program of ours: with --json, a wrong use is one JSON object, too."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if "--json" not in sys.argv[1:]:
                raise
            print_json({"error": {"code": "Usage", "message": error.format_message()}})
            sys.exit(Exit.FAULT)


_SMALL_NUMBER = 25
"""So many files or fewer are told one by one; more of them in steps of a twentieth."""


def tell_progress(done: int, of: int) -> None:
    """Say on stderr how far long work is."""
    if of <= _SMALL_NUMBER or done * 20 // of > (done - 1) * 20 // of:
        click.echo(f"{done} of {of} files", err=True)


def file_word(name: str) -> str:
    """The name of a set as part of a file's name."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "set"


def print_json(document: Json) -> None:
    """Print the one JSON document of a command."""
    click.echo(json.dumps(document, ensure_ascii=False))


def fail(error: Exception, *, as_json: bool) -> NoReturn:
    """Say what is wrong in one sentence, and end with the exit code of a fault."""
    code = type(error).__name__.removesuffix("Error")
    # A file name of other bytes than UTF-8 reaches us as lone surrogates, which no terminal can print.
    message = str(error).encode("utf-8", "backslashreplace").decode("utf-8")
    if as_json:
        print_json({"error": {"code": code, "message": message}})
    else:
        click.echo(f"error: {message}", err=True)
    sys.exit(Exit.FAULT)


@contextmanager
def faults(*, as_json: bool) -> Iterator[None]:
    """Turn the errors of our rooms, and of files, into one sentence and exit code 2; no traceback reaches a user."""
    try:
        yield
    except (EdgeError, FirmwareError, ModelError, WireError, OSError) as error:
        fail(error, as_json=as_json)
