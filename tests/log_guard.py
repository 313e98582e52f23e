"""Sees every log line of a test: one whose text and fields do not fit together is a fault of the code that wrote it."""

from __future__ import annotations

import logging


class LogGuard(logging.Handler):
    """Formats every record and remembers those that cannot be formatted. Any thread may log."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.broken: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        try:
            record.getMessage()
        except (TypeError, ValueError, KeyError, IndexError) as error:
            self.broken.append(f"{record.name} line {record.lineno}: {record.msg!r} does not fit its fields: {error}")
