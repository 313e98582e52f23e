"""The table [panel] of the settings file. The panel reads no other: the rest is about cameras and faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ConfigInvalidError
from edge.settings_file import settings_tables, settings_text

LOWEST_PORT, HIGHEST_PORT = 1024, 65535


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """What the panel needs to know."""

    port: int = 8377
    """On 127.0.0.1, where the page is served; no other address can be set."""
    socket: Path = Path("/run/lifecert/stage.sock")
    """Where `lifecert-edge` listens."""
    pin: Path = Path("/var/lib/lifecert-panel/pin")
    """The hash of the operator's PIN; the count of wrong ones lies beside it."""


def load_panel_settings(path: Path | None) -> PanelSettings:
    """Read the table of the settings file, or the defaults without one; `ConfigInvalidError` names file, key and range."""
    if path is None:
        return PanelSettings()
    return read_panel_settings(str(path), settings_tables(str(path), settings_text(path)).get("panel", {}))


def read_panel_settings(where: str, table: object) -> PanelSettings:
    """Check the table."""
    if not isinstance(table, Mapping):
        raise ConfigInvalidError(where, "[panel]", "must be a table")
    known = PanelSettings.__slots__
    if unknown := [key for key in table if key not in known]:
        raise ConfigInvalidError(where, f"panel.{unknown[0]}", f"unknown; known are {', '.join(known)}")
    usual = PanelSettings()
    return PanelSettings(
        port=_port(where, table.get("port", usual.port)),
        socket=_path(where, "socket", table.get("socket", str(usual.socket))),
        pin=_path(where, "pin", table.get("pin", str(usual.pin))),
    )


def _port(where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not LOWEST_PORT <= value <= HIGHEST_PORT:
        raise ConfigInvalidError(where, "panel.port", f"must be a whole number from {LOWEST_PORT} to {HIGHEST_PORT}")
    return value


def _path(where: str, key: str, value: object) -> Path:
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise ConfigInvalidError(where, f"panel.{key}", "must be a path from the root, such as /run/lifecert/stage.sock")
    return Path(value)
