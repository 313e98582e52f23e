"""Measures a matcher on a population: every picture against every picture of somebody else, told by age, sex and group.

What looks like two persons but may be one is not counted: pictures that are the same, and pairs that somebody has looked at.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edge.evaluate.joining import Joined
from edge.evaluate.one_person import OnePersonPair
from edge.evaluate.people import PersonId
from edge.evaluate.population_list import PopulationList
from edge.evaluate.population_pictures import Seen, Sightings
from edge.evaluate.population_report import ASKED_FMR, Alike, Band, BandThreshold, Hub, PopulationReport, Twin
from edge.evaluate.same_picture import find_same_pictures
from edge.evaluate.verification import Progress
from models.calibration.bands import ELDER, Member, strata_of
from models.calibration.by_person import LONGEST_LIST, resampler_of
from models.calibration.census import Tally, take_census
from models.calibration.crowd import Crowd, Stratum, crowd_of, regrouped
from models.calibration.genuine import count_genuine
from models.calibration.rates import Interval
from models.calibration.support import lowest_by_count, lowest_supported
from models.calibration.tail import find_tail

DRAWS, SEED = 1000, 1
"""How often persons are drawn anew, and with which dice: the same pictures always give the same figures."""
MOST_ALIKE, MOST_HUBS = 20, 10
FEW_PERSONS = 30
"""Fewer persons than this say little about others."""


Told = Callable[[str], Progress]
"""Told what is about to begin; answers with what is told how far it is."""


@dataclass(frozen=True, slots=True, eq=False)
class _Population:
    """The pictures that were seen, as the matcher sees them."""

    files: Sequence[str]
    impostors: Crowd
    """Whoever may be one person is one here: nobody is compared with who may be himself."""
    stated: Crowd
    """The persons as the list has them."""
    pictures: Sequence[int]
    """For each file the place of the one that stands for all that are the same picture."""
    twins: tuple[Twin, ...]


def measure_population(
    listed: PopulationList, sightings: Sightings, one_person: Sequence[OnePersonPair], threshold_x10000: int, told: Told
) -> PopulationReport:
    """Compare everybody with everybody else.

    Raises `CrowdUnusableError` for an embedding that is no unit vector, `StrataTooFineError` for too many groups.
    """
    population = _gather(sightings.seen, one_person)
    genuine = count_genuine(population.stated, population.pictures)
    bands = _bands(population, [each.picture.member for each in sightings.seen], threshold_x10000, genuine, told)
    tail = find_tail(population.impostors, threshold_x10000, MOST_ALIKE, told("comparisons for the most similar pairs"))
    return PopulationReport(
        name=listed.name,
        threshold_x10000=threshold_x10000,
        listed=len(listed.pictures),
        known_from=listed.known_from,
        lost=sightings.lost,
        persons=len(set(population.stated.persons.tolist())),
        bands=bands,
        genuine=genuine,
        fnmr=genuine.missed_at(threshold_x10000),
        twins=population.twins,
        declared=len(one_person),
        left_out=_comparisons(population.stated) - _comparisons(population.impostors),
        alike=tuple(Alike(population.files[pair.one], population.files[pair.other], pair.score_x10000) for pair in tail.pairs),
        hubs=_hubs(population.files, tail.false_matches.tolist()),
        warnings=tuple(_warnings(sightings, bands)),
    )


def _gather(seen: Sequence[Seen], one_person: Sequence[OnePersonPair]) -> _Population:
    twins = [
        Twin(seen[same.one].picture.file, seen[same.other].picture.file, same, _are_two(seen[same.one], seen[same.other]))
        for same in find_same_pictures([each.trace for each in seen])
    ]
    pictures: Joined[int] = Joined()
    for twin in twins:
        pictures.join(twin.found.one, twin.found.other)
    persons = _joined_persons(seen, twins, one_person)
    stated = [each.picture.person for each in seen]
    embeddings = np.stack([each.embedding for each in seen]) if seen else np.empty((0, 1), dtype=np.float32)
    crowd = crowd_of(embeddings, stated)
    return _Population(
        files=[each.picture.file for each in seen],
        impostors=regrouped(crowd, [persons.root(person) for person in stated]),
        stated=crowd,
        pictures=[pictures.root(place) for place in range(len(seen))],
        twins=tuple(twins),
    )


def _are_two(one: Seen, other: Seen) -> bool:
    return one.picture.person != other.picture.person


def _joined_persons(seen: Sequence[Seen], twins: Sequence[Twin], one_person: Sequence[OnePersonPair]) -> Joined[PersonId]:
    persons: Joined[PersonId] = Joined()
    of_file = {each.picture.file: each.picture.person for each in seen}
    for pair in (*(OnePersonPair(twin.a, twin.b) for twin in twins), *one_person):
        if pair.a in of_file and pair.b in of_file:
            persons.join(of_file[pair.a], of_file[pair.b])
    return persons


def _comparisons(crowd: Crowd) -> int:
    """How many pairs of rows belong to two persons."""
    rows = np.bincount(crowd.persons)
    return int(len(crowd) ** 2 - (rows**2).sum()) // 2


def _bands(
    population: _Population, members: Sequence[Member], threshold_x10000: int, genuine: Tally, told: Told
) -> tuple[Band, ...]:
    crowd, strata = population.impostors, strata_of(members)
    tallies = take_census(crowd, strata, told("comparisons"))
    progress = told("bands")
    bands = []
    for stratum, tally in zip(strata, tallies, strict=True):
        by_person = _over_persons(crowd, stratum, threshold_x10000)
        thresholds = tuple(_threshold(word, tally, _supported(crowd, stratum, tally, word), genuine) for word in ASKED_FMR)
        bands.append(Band(tally, tally.rate_at(threshold_x10000), by_person(threshold_x10000), thresholds))
        progress(len(bands), len(strata))
    return tuple(bands)


def _threshold(word: str, tally: Tally, supported_x10000: int | None, genuine: Tally) -> BandThreshold:
    counted = tally.threshold_for(ASKED_FMR[word])
    fnmr = genuine.missed_at(counted) if counted is not None and genuine.comparisons else None
    return BandThreshold(word, counted, supported_x10000, fnmr)


def _supported(crowd: Crowd, stratum: Stratum, tally: Tally, word: str) -> int | None:
    lowest = lowest_by_count(tally, ASKED_FMR[word])
    return None if lowest is None else lowest_supported(tally, ASKED_FMR[word], _over_persons(crowd, stratum, lowest))


def _over_persons(crowd: Crowd, stratum: Stratum, lowest_x10000: int) -> Callable[[int], Interval]:
    resampler = resampler_of(crowd, stratum, lowest_x10000, LONGEST_LIST, lambda done, of: None)
    return lambda threshold_x10000: resampler.interval_at(threshold_x10000, DRAWS, SEED)


def _hubs(files: Sequence[str], false_matches: Sequence[int]) -> tuple[Hub, ...]:
    hubs = [Hub(file, count) for file, count in zip(files, false_matches, strict=True) if count]
    return tuple(heapq.nsmallest(MOST_HUBS, hubs, key=lambda hub: (-hub.false_matches, hub.file)))


def _warnings(sightings: Sightings, bands: Sequence[Band]) -> Iterator[str]:
    everybody = bands[0].tally
    if not any(each.picture.member.is_elder for each in sightings.seen):
        yield (
            f"nobody in the list is known to be {ELDER} or older: the claim of the shipped threshold, "
            "which is made for old people, is not tested"
        )
    if everybody.persons < FEW_PERSONS:
        yield f"there are only {everybody.persons} persons: whatever is told of them may be otherwise for others"
    for needed in bands[0].thresholds:
        if needed.counted_x10000 is None:
            yield f"FMR {needed.word} cannot be resolved: there are only {everybody.comparisons} comparisons of two persons"
