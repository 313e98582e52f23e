"""A lock that the kernel lets go when its holder dies: one holder per file, in whatever process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.durable_file import PRIVATE
from edge.errors import AlreadyRunningError, FileNotDurableError


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Hold the lock, or raise `AlreadyRunningError` at once when another holds it (F9)."""
    descriptor = _open(path)
    try:
        _seize(descriptor, path.name)
        yield
    finally:
        os.close(descriptor)


def _seize(descriptor: int, name: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AlreadyRunningError(name) from error


@contextmanager
def held_in_turn(path: Path) -> Iterator[None]:
    """Hold the lock, waiting for those before; for work of a few milliseconds."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        raise FileNotDurableError(path.name, error.strerror or type(error).__name__) from error
