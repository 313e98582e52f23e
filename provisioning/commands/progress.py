"""Says on standard error how far a long comparison is: each step at every tenth of its way."""

from __future__ import annotations

import click

from provisioning.calibration.compute import Tell

TOLD_FROM = 1_000_000
"""Fewer comparisons are done before anybody wonders."""


def progress_on_stderr() -> Tell:
    """Something to tell; it keeps quiet about what was said already."""
    said: dict[str, int] = {}

    def tell(step: str, done: int, of: int) -> None:
        tenth = 10 * done // max(of, 1)
        if of >= TOLD_FROM and tenth > said.get(step, 0):
            said[step] = tenth
            click.echo(f"{step}: {10 * tenth} % of {of} comparisons", err=True)

    return tell
