"""Against a saved run: what became worse by more than both runs are unsure of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.evaluate.cost.errors import SavedRunInvalidError

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Regression:
    """One figure that became worse."""

    figure: str
    was: str
    is_now: str

    @property
    def sentence(self) -> str:
        """For people."""
        return f"{self.figure} became worse: {self.was} before, {self.is_now} now"


def read_saved(path: Path) -> Json:
    """A run that was saved; raises `SavedRunInvalidError`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        for name in ("opencv", "onnxruntime"):
            _bounds(document["ratio"][name])
        str(document["opencv_version"])
    except OSError as error:
        raise SavedRunInvalidError(path, error.strerror or "it cannot be read") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SavedRunInvalidError(path, "this is no saved run") from error
    return dict(document)


def regressions(saved: Json, now: Json) -> tuple[Regression, ...]:
    """The ratios whose interval lies wholly below that of the saved run, and clips that are no longer decided.

    A ratio against another version of OpenCV is another figure, and is not compared.
    """
    return (*_of_ratios(saved, now), *_of_undecided(saved, now))


def comparable(saved: Json, now: Json) -> bool:
    """Whether both runs measured against the same OpenCV."""
    return saved.get("opencv_version") == now.get("opencv_version")


def _of_ratios(saved: Json, now: Json) -> Iterator[Regression]:
    before = {**_spreads(saved.get("ratio")), "idle": saved.get("idle_interval")}
    after = {**_spreads(now.get("ratio")), "idle": now.get("idle_interval")}
    for name, spread in before.items():
        against_opencv = name != "onnxruntime"
        if not spread or not after.get(name) or (against_opencv and not comparable(saved, now)):
            continue
        low, median, _ = _bounds(spread)
        _, median_now, high = _bounds(after[name])
        if high < low:
            yield Regression(f"ratio {name}", f"{median:.2f} (from {low:.2f})", f"{median_now:.2f} (up to {high:.2f})")


def _of_undecided(saved: Json, now: Json) -> Iterator[Regression]:
    before, after = (_undecided(document) for document in (saved, now))
    if before is not None and after is not None and after - before:
        yield Regression("clips without a decision", str(len(before)), f"{len(after)}, new: {', '.join(sorted(after - before))}")


def _spreads(given: object) -> dict[str, object]:
    return dict(given) if isinstance(given, Mapping) else {}


def _bounds(given: object) -> tuple[float, float, float]:
    """Low, median and high of a spread in a document; raises `ValueError`, `KeyError`, `TypeError`."""
    if not isinstance(given, Mapping):
        raise TypeError("a spread has a median, low and high")
    return float(given["low"]), float(given["median"]), float(given["high"])


def _undecided(document: Json) -> set[str] | None:
    guard = document.get("guard")
    return set(guard["undecided"]) if isinstance(guard, Mapping) and "undecided" in guard else None
