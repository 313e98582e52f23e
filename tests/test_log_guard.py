"""The guard of the log can fail."""

from __future__ import annotations

import logging

from tests.log_guard import LogGuard


def record(message: str, *fields: object) -> logging.LogRecord:
    return logging.LogRecord("edge.spool", logging.INFO, "spool.py", 7, message, fields, None)


def test_a_log_line_whose_fields_do_not_fit_is_remembered() -> None:
    guard = LogGuard()

    guard.handle(record("queued %d of %d", 3))

    assert guard.broken == [
        "edge.spool line 7: 'queued %d of %d' does not fit its fields: not enough arguments for format string"
    ]


def test_a_log_line_whose_fields_fit_is_not() -> None:
    guard = LogGuard()

    guard.handle(record("queued %d of %d", 3, 4))

    assert guard.broken == []
