"""Programs made of a few lines of shell, which say what they are told to say."""

from __future__ import annotations

import json
from pathlib import Path

from demo.programs import Programs

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def programs_that(folder: Path, scripts: dict[str, str], answer_within_s: float = 10.0) -> Programs:
    """Programs by these names, each a shell script."""
    for name, script in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
    return Programs(folder, ENVIRONMENT, answer_within_s)


def saying(document: object, status: int = 0) -> str:
    """A script that prints one JSON document and ends with this status."""
    return f"cat <<'END'\n{json.dumps(document)}\nEND\nexit {status}"
