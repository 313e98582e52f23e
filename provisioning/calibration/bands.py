"""Who is told apart when errors are counted, and how old the people are. Pure; age, sex and group may be unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.calibration.bands import Member
from provisioning.calibration.models import AgeShare

AGE_UNKNOWN = "age unknown"
MOST_GROUPS, MOST_SEXES = 20, 3
"""So many words are told apart, the most common ones: a hundred villages would say little each, and take for ever."""


@dataclass(frozen=True, slots=True)
class Population:
    """The people of some references, as far as they are told apart."""

    members: tuple[Member, ...]
    """One per reference; the word of a small group is left out."""
    left_out: int
    """How many groups are too small to be told apart."""

    @property
    def has_elders(self) -> bool:
        """Whether anybody is known to be 60 or older."""
        return any(member.is_elder for member in self.members)


def population_of(members: Sequence[Member]) -> Population:
    """Keep the words of the largest groups and sexes."""
    groups = _commonest([member.group for member in members], MOST_GROUPS)
    sexes = _commonest([member.sex for member in members], MOST_SEXES)
    known = {member: _reduced(member, groups, sexes) for member in set(members)}
    left_out = len({member.group for member in members} - groups - {""})
    return Population(tuple(known[member] for member in members), left_out)


def ages_of(members: Sequence[Member]) -> tuple[AgeShare, ...]:
    """How many references there are in each age band, youngest first, those of unknown age last."""
    counts: Counter[str] = Counter()
    for member in sorted(members, key=_age_or_last):
        counts[member.band or AGE_UNKNOWN] += 1
    return tuple(AgeShare(band, count) for band, count in counts.items())


def _commonest(words: Sequence[str], most: int) -> set[str]:
    return {word for word, _ in Counter(word for word in words if word).most_common(most)}


def _reduced(member: Member, groups: set[str], sexes: set[str]) -> Member:
    return replace(member, group=member.group if member.group in groups else "", sex=member.sex if member.sex in sexes else "")


def _age_or_last(member: Member) -> tuple[bool, int]:
    return member.age is None, member.age or 0
