"""What support is given to find out what is wrong: words and numbers of an allow-list, and nothing of any person (R74).

No picture, name, number of a person, case, key or address can be in it: only what `facts.passed_on` lets through is taken.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from edge.showing.facts import Value, passed_on

BUNDLE_FILES = ("versions.json", "condition.json", "counters.json", "README.txt")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time; none is told, so that the same facts make the same bytes."""
_README = """What this unit said of itself. It holds no picture, no name, no number of a person or a case, and no key.
versions.json   releases of the software
condition.json  how the unit is, with the codes of the last reasons
counters.json   what was counted since the panel started
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What is at hand for the bundle."""

    versions: Mapping[str, str]
    condition: Mapping[str, Value]
    counters: Mapping[str, float]


def support_bundle(told: Told) -> bytes:
    """A zip file with the four files of `BUNDLE_FILES`."""
    allowed = {name: value for name, raw in sorted(told.condition.items()) if (value := passed_on(name, raw)) is not None}
    bodies = (_json(told.versions), _json(allowed), _json(dict(sorted(told.counters.items()))), _README)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, body in zip(BUNDLE_FILES, bodies, strict=True):
            bundle.writestr(zipfile.ZipInfo(name, _EARLIEST), body, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _json(body: Mapping[str, object]) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
