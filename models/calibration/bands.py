"""The strata of a population: who is compared with whom, to see for whom a matcher errs. Age, sex and group may be unknown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.calibration.crowd import Relation, Stratum, stratum_of

ELDER = 60
"""From this age on somebody counts as old here, in years."""
OLDEST = 130
"""A higher age is a slip of the pen, in years."""
FEWEST_TOLD_APART = 20
"""A group within an age band gets a stratum with so many references; fewer make too few comparisons to say anything."""
_DECADES = {60: "60-69", 70: "70-79", 80: "80-89"}
_YOUNGEST, _OLDEST, _OLD, _ALL = f"under {ELDER}", "90 and over", f"{ELDER} and over", "all"
_OURS = frozenset({_ALL, _OLD, _YOUNGEST, _OLDEST, *_DECADES.values()})
"""Names that no sex or group may pass for, whether or not their stratum is filled."""


@dataclass(frozen=True, slots=True)
class Member:
    """What is known about the person of a reference."""

    age: int | None
    """Years, when the reference was taken; None when unknown."""
    sex: str
    """Any word; empty when unknown."""
    group: str
    """Any word of the programme's, such as a region; empty when unknown."""

    @property
    def band(self) -> str | None:
        """The age band; None when the age is unknown."""
        return None if self.age is None else age_band(self.age)

    @property
    def is_elder(self) -> bool:
        """Whether the person is known to be 60 or older."""
        return self.age is not None and self.age >= ELDER


def age_band(age: int) -> str:
    """The band of an age: under 60, ten years each up to 89, 90 and over."""
    if age < ELDER:
        return _YOUNGEST
    return _DECADES.get(age // 10 * 10, _OLDEST)


def strata_of(members: Sequence[Member]) -> tuple[Stratum, ...]:
    """The strata that these references fill, `all` first.

    Each age band, sex and group within itself, and all of them across; everybody of 60 and over; each group among those; and
    each group within an age band where it has at least 20 references. The last three kinds are left out where they would
    repeat a stratum that is there already. No two have one name: a sex or group that is called like a stratum of another kind
    is told as "sex WORD" or "group WORD".
    """
    return tuple(_strata(members))


def _strata(members: Sequence[Member]) -> Iterator[Stratum]:
    ages = sorted({each.age for each in members if each.age is not None})
    bands = list(dict.fromkeys(map(age_band, ages)))
    yield _within(_ALL, [True for _ in members])
    yield from _by_word("age bands", bands, [each.band for each in members])
    if ages and ages[0] < ELDER <= ages[-1]:
        yield _within(_OLD, [each.is_elder for each in members])
    sexes = _told("sex", {each.sex for each in members}, _OURS)
    yield from _by_word("sexes", list(sexes.values()), [sexes.get(each.sex) for each in members])
    groups = _told("group", {each.group for each in members}, _OURS | set(sexes.values()))
    yield from _by_word("groups", list(groups.values()), [groups.get(each.group) for each in members])
    for group, name in groups.items():
        yield from _of_group(group, name, members, bands)


def _told(kind: str, words: Collection[str], taken: Collection[str]) -> Mapping[str, str]:
    """Each word but the empty one, and the name of its stratum: the word itself, unless it could be taken for another one."""
    known = sorted(set(words) - {""})
    unclear = {word for word in known if word in taken or word.startswith(("across ", "sex ", "group ")) or ", " in word}
    return {word: f"{kind} {word}" if word in unclear else word for word in known}


def _by_word(what: str, words: Sequence[str], of_each: Sequence[str | None]) -> Iterator[Stratum]:
    """Each word within itself, and across them all where there are several."""
    for word in words:
        yield _within(word, [each == word for each in of_each])
    if len(words) > 1:
        yield stratum_of(f"across {what}", Relation.ACROSS, of_each)


def _of_group(group: str, name: str, members: Sequence[Member], bands: Sequence[str]) -> Iterator[Stratum]:
    """The old ones of a group, and its age bands, unless they are the whole group."""
    size = sum(each.group == group for each in members)
    old = [each.group == group and each.is_elder for each in members]
    if 0 < sum(old) < size:
        yield _within(f"{name}, {_OLD}", old)
    for band in bands:
        inside = [each.group == group and each.band == band for each in members]
        if FEWEST_TOLD_APART <= sum(inside) < size:
            yield _within(f"{name}, {band}", inside)


def _within(name: str, belongs: Sequence[bool]) -> Stratum:
    return stratum_of(name, Relation.WITHIN, [True if each else None for each in belongs])
