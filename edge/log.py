"""Log lines are events with fields, one JSON object a line on stderr. Never a face, a name, a number of a person, or a key."""

from __future__ import annotations

import json
import logging
import sys

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """Writes time, level, name, event and the fields given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        fields = {key: value for key, value in record.__dict__.items() if key not in _OWN}
        event = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "name": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            event["error"] = record.exc_info[0].__name__
        return json.dumps(event | fields, ensure_ascii=False, default=str)


def log_to_stderr(level: int) -> None:
    """Send the events of this program to stderr; called once, by the program's entry."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
