"""The port to the official addresses: what the store needs of a network, without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is being read."""

    starts_at: int
    """Which byte of the file comes first; 0 when the other side begins anew instead of going on."""
    chunks: Iterator[bytes]
    """The bytes in order; ends, or raises `DownloadFailedError`, when the connection is cut."""


class Fetch(Protocol):
    """Something that reads official addresses."""

    def open(self, address: str, from_byte: int) -> AbstractContextManager[Download]:
        """Begin to read an address at a byte; raises `DownloadFailedError`."""
        ...


class OfficialFetch:
    """Reads https addresses and nothing else.

    The network library loads with the first download: a unit that has its files never needs it.
    """

    def open(self, address: str, from_byte: int) -> AbstractContextManager[Download]:
        """Begin to read an https address at a byte; raises `DownloadFailedError`."""
        from models.fetch import HttpFetch, Schemes

        return HttpFetch(Schemes.HTTPS_ONLY).open(address, from_byte)
