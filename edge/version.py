"""Which release of lifecert this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def software_version() -> str:
    """The version of the installed package, or `0+source` where it runs from a folder without being installed."""
    try:
        return version("lifecert")
    except PackageNotFoundError:
        return "0+source"
