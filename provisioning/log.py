"""One line per event on standard error: time, level, words, then the fields. Never a face, a key or a claim."""

from __future__ import annotations

import logging
import sys

_OF_EVERY_RECORD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class FieldFormatter(logging.Formatter):
    """Appends the fields given as `extra` to the line, each as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = sorted(set(record.__dict__) - _OF_EVERY_RECORD)
        return " ".join([super().formatMessage(record), *(f"{name}={record.__dict__[name]}" for name in fields)])


def log_to_stderr() -> None:
    """Send the events of all rooms to standard error, once for the whole process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FieldFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
