"""Which release of lifecert this is: the package takes its version from here, too.

Asking the installed package instead would load what reads its metadata, a mail parser among it, at every start.
"""

from __future__ import annotations

VERSION = "0.1.0"


def software_version() -> str:
    """The version of these sources."""
    return VERSION
