"""Nobody wins by not looking: faces and decisions of ours against those of the usual loop, on the same clips. Pure counting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.calibration.rates import Rate, rate

TOLERANCE = 0.005
"""Ours may be worse by half a point."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One question that has a right answer, and what both said; None where ours came to no decision."""

    truth: bool
    ours: bool | None
    naive: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What one clip showed."""

    clip: str
    frames: int
    naive_faces: int
    """Frames in which the usual loop's detector finds a face."""
    missed: int
    """Those of them in which ours has none."""
    imagined: int
    """Frames in which ours has a face, seen or still believed in, and the usual loop's detector finds none."""
    living: Answers
    """Whether it is a living face."""
    same_person: Answers | None
    """Against a reference of the same clip; None for an attack, whose likeness nobody asks for."""
    stranger: Answers | None
    """Against the reference of another clip."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of error, of both."""

    ours: Rate
    naive: Rate

    @property
    def holds(self) -> bool:
        """Whether ours is not worse by more than the tolerance; nothing counted proves nothing, and holds for nothing."""
        if self.ours.value is None or self.naive.value is None:
            return False
        return self.ours.value - self.naive.value <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Guard:
    """The kinds of error, and where ours did not decide. For faces the usual loop is the truth, so it makes no error there."""

    missed_faces: Compared
    imagined_faces: Compared
    liveness: Compared
    non_matches: Compared
    """One person taken for two."""
    matches: Compared
    """Two persons taken for one."""
    undecided: tuple[str, ...]
    """Clips on which ours came to no decision because it asked for a better picture; they are compared by neither."""

    @property
    def holds(self) -> bool:
        """Whether every kind of error holds."""
        kinds = (self.missed_faces, self.imagined_faces, self.liveness, self.non_matches, self.matches)
        return all(each.holds for each in kinds)


def weigh_clips(checked: Sequence[Checked]) -> Guard:
    """Count the errors of all clips."""
    frames, faces = sum(one.frames for one in checked), sum(one.naive_faces for one in checked)
    return Guard(
        Compared(rate(sum(one.missed for one in checked), faces), rate(0, faces)),
        Compared(rate(sum(one.imagined for one in checked), frames), rate(0, frames)),
        _errors(one.living for one in checked),
        _errors(one.same_person for one in checked),
        _errors(one.stranger for one in checked),
        tuple(one.clip for one in checked if one.living.ours is None),
    )


def _errors(answers: Iterable[Answers | None]) -> Compared:
    decided = [answer for answer in answers if answer and answer.ours is not None]
    ours = sum(answer.ours is not answer.truth for answer in decided)
    naive = sum(answer.naive is not answer.truth for answer in decided)
    return Compared(rate(ours, len(decided)), rate(naive, len(decided)))
