"""A picture that a visitor is compared with, as tickets, policies and results name it: a digest and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReferenceClass(StrEnum):
    """Where the picture comes from that a visitor is compared with."""

    DOCUMENT = "document"
    """The portrait of an identity document, or of the office's files."""
    SUPERVISED = "supervised"
    """Captured on a unit while an official watched."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One picture on file."""

    sha256: bytes
    """Digest of the file (R30)."""
    reference_class: ReferenceClass
