"""What holds after a soak and what does not: one finding for each thing that is asked of a unit that serves for weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from edge.evaluate.soak.dice import EQUIPMENT, Mishap, Visit
from edge.evaluate.soak.process import Complaint
from edge.evaluate.soak.slope import Slope, theil_sen
from edge.evaluate.soak.vitals import Vitals
from wire.result import ResultStatement, Verdict

MB = 1_000_000
MOST_MB_PER_HOUR = 1.0
MOST_WAL_BYTES = 8 * 2**20
WARM_SHARE = 0.2
"""The first part of the measured life is not counted: caches fill, and each kind of visit happens for the first time."""
LEAST_HOURS = 0.5
"""In less time than this, in hours of the soak, memory has no slope that says anything."""
EXPECTED_ERRORS = frozenset({"attempt failed", "equipment failed", "health changed", "out of order"})
"""What a unit may log as an error, in a visit whose equipment was made to fail or right after it."""


@dataclass(frozen=True, slots=True)
class Played:
    """One visit, and what came of it."""

    visit: Visit
    results: tuple[ResultStatement, ...]
    complaints: tuple[Complaint, ...]
    frames: int = 0

    @property
    def accepted(self) -> bool:
        """Whether one of its results says so."""
        return any(result.verdict is Verdict.ACCEPTED for result in self.results)


@dataclass(slots=True)
class Course:
    """Everything of a soak, as it comes."""

    speed: float
    played: list[Played] = field(default_factory=list)
    vitals: list[Vitals] = field(default_factory=list)
    """Of the one life of the process that is measured."""
    results: list[ResultStatement] = field(default_factory=list)
    attempts: int = 0
    restarts: int = 0
    interrupted: int = 0
    """Attempts that a restart cut off."""
    most_waiting: int = 0
    wall_s: float = 0.0

    @property
    def hours(self) -> float:
        """Of the soak: wall time by speed."""
        return self.wall_s * self.speed / 3600


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is asked. `holds` is None where the soak was too short to say."""

    name: str
    holds: bool | None
    words: str


def warm(course: Course) -> Sequence[Vitals]:
    """The vitals after the warm-up."""
    if not course.vitals:
        return ()
    first, last = course.vitals[0].at_s, course.vitals[-1].at_s
    return [each for each in course.vitals if each.at_s >= first + WARM_SHARE * (last - first)]


def memory_slope(course: Course) -> Slope | None:
    """MB in an hour of the soak; None where it was too short."""
    counted = warm(course)
    at_hours = [each.at_s * course.speed / 3600 for each in counted]
    if len(set(at_hours)) < 3 or at_hours[-1] - at_hours[0] < LEAST_HOURS:
        return None
    return theil_sen(at_hours, [each.rss_bytes / MB for each in counted])


def findings(course: Course) -> tuple[Finding, ...]:
    """All of them, in a fixed order."""
    return (
        _memory(course),
        _constant("descriptors", [each.descriptors for each in warm(course)]),
        _constant("threads", [each.threads for each in warm(course)]),
        _constant("children", [each.children for each in warm(course)]),
        _journal(course),
        _one_result_each(course),
        _chain(course),
        _nobody_accepted_wrongly(course),
        _everybody_served(course),
        _quiet(course),
        _restarts(course),
    )


def _memory(course: Course) -> Finding:
    slope = memory_slope(course)
    if slope is None:
        return Finding("memory", None, f"too short: a slope takes {LEAST_HOURS:g} h of the soak after the warm-up")
    words = f"{slope.value:+.2f} MB/h ({slope.low:+.2f} to {slope.high:+.2f}); less than {MOST_MB_PER_HOUR:g} is asked"
    return Finding("memory", slope.value < MOST_MB_PER_HOUR, words)


def _constant(name: str, values: Sequence[int]) -> Finding:
    counted = Counter(values)
    words = ", ".join(f"{value} ({times} times)" for value, times in sorted(counted.items()))
    return Finding(name, len(counted) == 1, f"between visits: {words or 'never looked at'}")


def _journal(course: Course) -> Finding:
    most = max((each.wal_bytes for each in course.vitals), default=0)
    return Finding("journal", most < MOST_WAL_BYTES, f"at most {most / 2**20:.2f} MiB, with up to {course.most_waiting} results")


def _one_result_each(course: Course) -> Finding:
    ids = len({result.result_id for result in course.results})
    holds = course.attempts == len(course.results) == ids
    return Finding("results", holds, f"{course.attempts} attempts, {len(course.results)} results, {ids} different ones")


def _chain(course: Course) -> Finding:
    numbers = [result.sequence for result in course.results]
    return Finding("chain", numbers == list(range(1, len(numbers) + 1)), f"numbers 1 to {len(numbers)} without a gap")


def _nobody_accepted_wrongly(course: Course) -> Finding:
    wrong = [one.visit for one in course.played if one.accepted and not one.visit.may_accept]
    return Finding("no wrong yes", not wrong, f"{len(wrong)} wrongly accepted{_named(wrong)}")


def _everybody_served(course: Course) -> Finding:
    owed = [one for one in course.played if one.visit.must_accept]
    turned_away = [one.visit for one in owed if not one.accepted]
    return Finding("no wrong no", not turned_away, f"{len(turned_away)} of {len(owed)} turned away{_named(turned_away)}")


def _quiet(course: Course) -> Finding:
    loud = [f"{visit.number} {visit.mishap.value}: {one.event} {one.fields}" for visit, one in unexpected_errors(course.played)]
    return Finding("log", not loud, f"{len(loud)} unexpected errors{': ' if loud else ''}{'; '.join(loud[:3])}")


def _restarts(course: Course) -> Finding:
    words = f"{course.restarts} restarts, {course.interrupted} attempts cut off and reported"
    return Finding("restarts", course.restarts == course.interrupted, words)


def unexpected_errors(played: Sequence[Played]) -> Iterator[tuple[Visit, Complaint]]:
    """Errors in the log that nobody injected."""
    before = Mishap.NONE
    for one in played:
        expected = EXPECTED_ERRORS if {one.visit.mishap, before} & EQUIPMENT else frozenset()
        yield from ((one.visit, complaint) for complaint in one.complaints if complaint.event not in expected)
        before = one.visit.mishap


def verdicts(played: Sequence[Played]) -> Mapping[Mishap, Mapping[str, int]]:
    """How often each mishap ended in which verdict and first reason."""
    counted: dict[Mishap, Counter[str]] = {}
    for one in played:
        for result in one.results:
            words = " ".join((result.verdict.value, *(reason.value for reason in result.reasons[:1])))
            counted.setdefault(one.visit.mishap, Counter())[words] += 1
    return {mishap: counted[mishap] for mishap in Mishap if mishap in counted}


def _named(visits: Sequence[Visit]) -> str:
    return "".join(f"; visit {visit.number}, {visit.mishap.value}" for visit in visits[:5])
