"""Disk space held back in a file: on a full disk even deleting needs room, so there must be something to let go (F4)."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from edge.durable_file import PRIVATE

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ballast:
    """A file of reserved blocks beside the spool."""

    path: Path
    size_bytes: int

    def lay(self) -> bool:
        """Reserve the space if it is not; whether it is reserved now."""
        try:
            descriptor = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, PRIVATE)
            try:
                os.posix_fallocate(descriptor, 0, self.size_bytes)
            finally:
                os.close(descriptor)
        except OSError as error:
            log.warning("no disk space can be held back for the spool", extra={"why": error.strerror})
            return False
        return True

    @property
    def laid(self) -> bool:
        """Whether the space is reserved; asking writes nothing."""
        try:
            return self.path.stat().st_size >= self.size_bytes
        except OSError:
            return False

    def shed(self) -> bool:
        """Give the space free; whether there was any."""
        try:
            had = self.path.stat().st_size > 0
            os.truncate(self.path, 0)
        except OSError:
            return False
        if had:
            log.warning("the disk is full: the space held back for the spool was given free")
        return had

    def free_beside_bytes(self) -> int:
        """What else is free on the disk."""
        return shutil.disk_usage(self.path.parent).free
