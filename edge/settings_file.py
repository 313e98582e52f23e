"""Reads the settings file of a unit as far as its tables; who takes one checks what is in it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from edge.errors import ConfigInvalidError

LARGEST_FILE_BYTES = 64 * 1024


def settings_text(path: Path) -> str:
    """The text of a settings file; `ConfigInvalidError` when it cannot be read, is too large or not UTF-8."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigInvalidError(str(path), "file", error.strerror or "cannot be read") from error
    if len(content) > LARGEST_FILE_BYTES:
        raise ConfigInvalidError(str(path), "file", f"larger than {LARGEST_FILE_BYTES} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigInvalidError(str(path), "file", "not UTF-8 text") from error


def settings_tables(where: str, text: str) -> dict[str, Any]:  # anything that TOML can hold: the table's reader checks it
    """The tables of a settings file by their names; `ConfigInvalidError` when it is not TOML."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Beside its own error, the reader lets through those of numbers with too many digits and of lists too deep.
        raise ConfigInvalidError(where, "TOML", str(error)) from error
