"""Runs both loops over a set of clips and says what each found and decided: the material of the guard."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.evaluate.cost.duel import reference_of
from edge.evaluate.cost.errors import ReferenceNotFoundError
from edge.evaluate.cost.footage import Reel, read_reel
from edge.evaluate.cost.guard import Answers, Checked
from edge.evaluate.cost.naive import NaiveLoop, Sight, Vector, likeness, mean_texture
from edge.evaluate.cost.visits import VisitCost, Visitor, watching
from edge.flow import Observation, Standing
from edge.stages.match import Embedding

REEL_FRAMES = 90
"""Three seconds of a clip, played over and over."""
MOST_FRAMES = 180
"""A visit that has come to no decision by then comes to none."""
EVERY = 3
"""The usual loop decides on every third frame of the visit: more of them say the same."""
SUFFIXES = frozenset({".mp4", ".mpg", ".avi", ".mkv", ".mov"})


@dataclass(frozen=True, slots=True)
class Cast:
    """One clip, and whether it shows a living person."""

    path: Path
    living: bool


def read_cast(root: Path) -> tuple[Cast, ...]:
    """The clips of ROOT/clips, all of living people, and those of ROOT/pad/clips, as ROOT/pad/labels.csv says (file, label)."""
    labels = _labels(root / "pad" / "labels.csv")
    living = [Cast(path, True) for path in _clips(root / "clips")]
    return (*living, *(Cast(path, labels.get(path.name) == "live") for path in _clips(root / "pad" / "clips")))


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What one clip showed, before its person is compared with others."""

    cast: Cast
    visit: VisitCost
    ours: frozenset[int]
    """Numbers of the frames in which ours has a face."""
    naive: frozenset[int]
    sights: tuple[Sight, ...]
    references: tuple[Embedding, Vector] | None
    """Ours and that of the usual loop; None where no frame can be one."""


class Checker:
    """Runs on this thread. `texture` and `match` are the thresholds of the usual loop."""

    def __init__(self, visitor: Visitor, loop: NaiveLoop, texture: float, match: float) -> None:
        self._visitor, self._loop, self._texture, self._match = visitor, loop, texture, match

    def check(self, cast: Sequence[Cast], tell: Callable[[int, int], None]) -> tuple[Checked, ...]:
        """What each clip with a face showed; raises the errors of cameras, and `VisitBrokenError`."""
        seen: list[_Seen] = []
        stand_in: Embedding | None = None
        for number, one in enumerate(cast, 1):
            reel = read_reel(one.path, REEL_FRAMES)
            looked = self._look(one, reel, stand_in)
            if looked:
                seen.append(looked)
                stand_in = looked.references[0] if looked.references else stand_in
            tell(number, len(cast))
        people = [one for one in seen if one.cast.living and one.references]
        others = {id(one): people[at - 1] for at, one in enumerate(people) if len(people) > 1}
        return tuple(self._checked(one, others) for one in seen)

    def _look(self, cast: Cast, reel: Reel, stand_in: Embedding | None) -> _Seen | None:
        """None for a clip in which the usual loop finds no face, or that comes before there is any reference."""
        try:
            number, ours = reference_of(reel, self._visitor.engine.eyes)
            sight = self._loop.look(reel.frames[number].bgr)
            references = (ours, sight.embedding) if sight else None
        except ReferenceNotFoundError:
            references = None
        embedding = references[0] if references else stand_in
        found = frozenset(at for at, frame in enumerate(reel.frames) if self._loop.find(frame.bgr))
        if not found or embedding is None:
            return None
        observations: list[Observation] = []
        visit = self._visitor.visit(reel, 0, MOST_FRAMES, embedding, watching(observations))
        with_face = {one.captured_ns for one in observations if one.sample}
        numbers = range(visit.frames)
        ours_found = frozenset(at for at in numbers if reel.frame(at).captured_ns in with_face)
        naive_found = frozenset(at for at in numbers if at % len(reel.frames) in found)
        sights = (self._loop.look(reel.frame(at).bgr) for at in numbers[::EVERY])
        return _Seen(cast, visit, ours_found, naive_found, tuple(sight for sight in sights if sight), references)

    def _checked(self, one: _Seen, others: Mapping[int, _Seen]) -> Checked:
        other = others.get(id(one))
        return Checked(
            one.cast.path.name,
            one.visit.frames,
            len(one.naive),
            len(one.naive - one.ours),
            len(one.ours - one.naive),
            Answers(one.cast.living, _living(one.visit), (mean_texture(one.sights) or 0.0) >= self._texture),
            self._same(one, one, truth=True) if one.cast.living and one.references else None,
            self._same(one, other, truth=False) if other else None,
        )

    def _same(self, one: _Seen, as_whom: _Seen, *, truth: bool) -> Answers | None:
        if as_whom.references is None:
            return None
        ours, naive = as_whom.references
        match = self._visitor.judged(one.visit.ending, ours).match
        alike = likeness(one.sights, naive)
        return Answers(truth, match.similarity >= match.threshold if match else None, alike is not None and alike >= self._match)


def _living(visit: VisitCost) -> bool | None:
    standings = {finding.standing for finding in visit.judgement.findings}
    if Standing.DENIED in standings:
        return False
    return True if standings == {Standing.NOT_DENIED} else None


def _clips(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)


def _labels(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        return {Path(row["file"]).name: row["label"] for row in csv.DictReader(file)}
