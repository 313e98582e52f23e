"""Log lines are events with fields, one JSON object a line on stderr. Never a face, a name, a number of a person, or a key."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """Writes time (UTC), level, name, event and the fields given as `extra`, which never take the place of the first four."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        fields = {key: value for key, value in record.__dict__.items() if key not in _OWN}
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "name": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            event["error"] = record.exc_info[0].__name__
        # ASCII only: a file name of other bytes than UTF-8 could not be written otherwise, and nothing breaks a line in two.
        return json.dumps(event | {key: value for key, value in fields.items() if key not in event}, default=str)


def log_to_stderr(level: int) -> None:
    """Send the events of this program to stderr; called once, by the program's entry."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
