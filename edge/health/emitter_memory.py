"""What ordinary visits tell of the unit's lamps: one that is never seen to shine, and one that gives less than it used to (F62).

How bright a lamp makes a face depends on who sits how far away, and on the exposure; what it gives over the other lamps of the
same visit does not. So each lamp is held against the strongest of its visit, and against its own past. Lamps that all fade
together are not found this way. Numbers only: nothing of a face.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError

log = logging.getLogger("lifecert.lamps")

FIRST = 16
"""So many visits tell how the lamps are when they are new."""
LATEST = 8
"""So many tell how they are now."""
SILENT_SHARE = 0.12
"""Of the strongest lamp. A face turned aside is lit by the farther lamp with a third or more of what the nearer one gives."""
SILENT_IN = 5
"""So many of the latest visits must say so, and none of the last three may speak against it."""
FADED = 0.7
"""Of its first share: an LED's life ends by definition at 0.7 of its first flux (IES TM-21)."""
DARKEST = 1e-4
"""Light on a face, of full scale, below which nobody can tell that anything shone at all."""

Strengths = Mapping[str, float]
"""Light that each lamp of a visit gave to the face, linear, of full scale; for lamps that the visit's code commanded."""


@dataclass(frozen=True, slots=True)
class LampFindings:
    """What is wrong with the lamps, as light words; empty where nothing is."""

    silent: str = ""
    fading: str = ""


def shares_of(strengths: Strengths) -> dict[str, float]:
    """What each lamp gave, over the strongest of the visit, 0 to 1; all 0 where nothing shone, or where a number is none."""
    sound = {lamp: max(0.0, light) if math.isfinite(light) else 0.0 for lamp, light in strengths.items()}
    most = max(sound.values(), default=0.0)
    return {lamp: light / most if most >= DARKEST else 0.0 for lamp, light in sound.items()}


def find_faults(visits: Sequence[Mapping[str, float]]) -> LampFindings:
    """What shares of visits tell, oldest first: the first ones of the lamps, then the latest."""
    lamps = sorted({lamp for visit in visits for lamp in visit}, key="LRVT".find)
    silent = "".join(lamp for lamp in lamps if _is_silent([visit[lamp] for visit in visits if lamp in visit]))
    fading = "".join(lamp for lamp in lamps if lamp not in silent and _has_faded(lamp, visits))
    return LampFindings(silent, fading)


def _is_silent(shares: Sequence[float]) -> bool:
    latest = shares[-LATEST:]
    dark = [share < SILENT_SHARE for share in latest]
    return sum(dark) >= SILENT_IN and all(dark[-3:])


def _has_faded(lamp: str, visits: Sequence[Mapping[str, float]]) -> bool:
    if len(visits) < FIRST + LATEST:
        return False
    first, latest = ([_over_others(lamp, visit) for visit in part] for part in (visits[:FIRST], visits[FIRST:]))
    return median(latest) < FADED * median(first)


def _over_others(lamp: str, visit: Mapping[str, float]) -> float:
    """What the lamp gave over what the others gave on the average; 1 where nothing can be said."""
    others = [share for other, share in visit.items() if other != lamp]
    whole = sum(others)
    return visit[lamp] * len(others) / whole if lamp in visit and whole > 0 else 1.0


class LampMemory:
    """The first and the latest visits whose lamps followed a code, in one small JSON file. Losing it costs only patience."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def findings(self) -> LampFindings:
        """What is wrong by what is remembered."""
        return find_faults(self._visits())

    def keep(self, strengths: Strengths) -> LampFindings:
        """Remember a visit in which lamps were read, and say what is wrong now; a disk that fails is logged, and nothing else."""
        if not strengths:
            return self.findings
        visits = [*self._visits(), {lamp: round(share, 4) for lamp, share in shares_of(strengths).items()}]
        visits = visits[:FIRST] + visits[FIRST:][-LATEST:]
        try:
            write_durably(self._path, json.dumps({"visits": visits}).encode())
        except FileNotDurableError as error:
            log.warning("lamp statistic not kept", extra={"error": str(error)})
        return find_faults(visits)

    def renew(self) -> None:
        """Begin anew: the lamps were replaced. Raises `FileNotDurableError`."""
        write_durably(self._path, json.dumps({"visits": []}).encode())

    def _visits(self) -> list[dict[str, float]]:
        try:
            return [_visit(body) for body in json.loads(self._path.read_bytes())["visits"]][: FIRST + LATEST]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            log.warning("lamp statistic begun anew", extra={"error": type(error).__name__})
            return []


def _visit(body: Mapping[str, float]) -> dict[str, float]:
    visit = {lamp: float(share) for lamp, share in body.items()}
    if any(lamp not in set("LRVT") or not 0 <= share <= 1 for lamp, share in visit.items()):
        raise ValueError("no shares of lamps")
    return visit
