"""Tries a matcher on a population: what `lifecert models accept` measures, the verdict, and the record of it.

It decides about the matcher, never about a person. The centre reads the record before it signs a policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from edge.evaluate.acceptance_gates import SLOWEST_RATIO, PlacedFace, Speed, Steadiness, compare_speed, measure_steadiness
from edge.evaluate.acceptance_proof import ElderFindings, prove_among_elders
from edge.evaluate.one_person import OnePersonPair
from edge.evaluate.pairs import PairList
from edge.evaluate.population import Told, measure_population
from edge.evaluate.population_list import PopulationList
from edge.evaluate.population_pictures import Seen, Sightings, see_all
from edge.evaluate.population_report import ASKED_FMR, Band, PopulationReport
from edge.evaluate.portrait import Loss, Lost, look_at
from edge.evaluate.statistics import false_non_match_rate
from edge.evaluate.verification import embed_pictures
from edge.reference import Eyes
from edge.stages.match import compare
from models.acceptance import Acceptance, Claim, Misses, PartRecord, Verdict
from models.acceptance import Band as BandRecord
from models.calibration.rates import Rate
from models.card import ModelCard
from models.matcher import MatcherCard
from wire.policy import ReferenceClass
from wire.result import SCALE

MOST_FACES = 16
"""So many faces of the population are looked at again, for steadiness and speed."""
ROUNDS = 3
LONGEST_POPULATION = 64


@dataclass(frozen=True, slots=True)
class Trial:
    """What a matcher is tried on."""

    listed: PopulationList
    one_person: tuple[OnePersonPair, ...]
    """Pairs of the list that somebody found to show one person."""
    claim: str
    """The FMR to prove among people of 60 and over, a word of `ASKED_FMR`."""
    genuine: tuple[PairList, ...]
    """Lists of pairs of one person."""


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """Everything that was found about a matcher."""

    elders: ElderFindings
    population: PopulationReport
    """At the proven threshold; at 1 without one."""
    misses: tuple[Misses, ...]
    genuine_lost: int
    """Pairs of one person, of all lists, of which a picture could not be used."""
    undirected: int
    """Pictures of a face to which the matcher gave no direction."""
    steadiness: Steadiness
    speed: Speed


def try_matcher(trial: Trial, candidate: Eyes, default: Eyes, spent_ns: Callable[[], int], told: Told) -> Measurement | None:
    """Measure a matcher on a trial; None when not a single picture could be used.

    `spent_ns` tells the computing time of this process. Raises `ModelError` when a network breaks its contract or fails,
    `CrowdUnusableError` (one of them) for embeddings that are no unit vectors.
    """
    sightings = see_all(trial.listed.pictures, candidate, told("pictures"))
    if not sightings.seen:
        return None
    elders = prove_among_elders(trial.listed, sightings, trial.one_person, trial.claim, told)
    threshold = SCALE if elders.proof is None else elders.proof.threshold_x10000
    population = measure_population(trial.listed, sightings, trial.one_person, threshold, told)
    compared = [_compare(pairs, candidate, told) for pairs in trial.genuine]
    faces = _place(sightings.seen, candidate)
    return Measurement(
        elders=elders,
        population=population,
        misses=tuple(_misses(compared, population)) if elders.proof else (),
        genuine_lost=sum(pairs.lost for pairs in compared),
        undirected=_undirected(sightings),
        steadiness=measure_steadiness(candidate.embedder, faces),
        speed=compare_speed(candidate.embedder, default.embedder, faces, ROUNDS, spent_ns),
    )


def reasons_to_refuse(measured: Measurement) -> tuple[str, ...]:
    """Why a matcher may not be named by a policy, in words; nothing when it may."""
    return tuple(_reasons(measured))


def record_of(
    measured: Measurement, trial: Trial, eyes: Eyes, matcher: MatcherCard, cards: Mapping[str, ModelCard], on: date
) -> Acceptance:
    """The record of a measurement, with its verdict; `cards` holds the networks of the matcher by name."""
    identity, reasons = eyes.embedder.identity, reasons_to_refuse(measured)
    return Acceptance(
        matcher=matcher.name,
        digest=identity.model_digest,
        runtime=identity.runtime,
        preparation=matcher.preparation,
        parts=tuple(
            PartRecord(part.network, cards[part.network].sha256, part.weight, cards[part.network].licence)
            for part in matcher.parts
        ),
        measured_on=on,
        claim=_claim(measured.elders, trial),
        bands=_bands(measured) if measured.elders.proof else (),
        misses=measured.misses,
        speed_ratio=measured.speed.ratio,
        verdict=Verdict.REFUSED if reasons else Verdict.ACCEPTED,
        reasons=reasons,
    )


def _reasons(measured: Measurement) -> Iterator[str]:
    yield from measured.elders.failings
    steadiness, speed = measured.steadiness, measured.speed
    if measured.undirected:
        yield f"to {measured.undirected} pictures of a face it gave an embedding without a direction"
    if not steadiness.repeats:
        yield "the same picture twice gives different numbers"
    if measured.elders.proof:
        threshold = measured.elders.proof.threshold_x10000 / SCALE
        for what, similarity in (("its mirror image", steadiness.mirrored), ("itself, a little shifted", steadiness.shifted)):
            if similarity < threshold:
                yield f"a picture and {what} are as alike as {similarity:.2f} only, below the threshold {threshold:.4f}"
    if speed.ratio > SLOWEST_RATIO:
        yield f"a face takes {speed.ratio:.1f} times the computing time of the default matcher, more than {SLOWEST_RATIO:g} times"


@dataclass(frozen=True, slots=True)
class _Compared:
    """The pairs of one person of a list."""

    name: str
    scores: tuple[float, ...]
    lost: int


def _compare(genuine: PairList, eyes: Eyes, told: Told) -> _Compared:
    pictures = embed_pictures(genuine, eyes, told(f"pictures of {genuine.name}"))
    scores = []
    for pair in genuine.pairs:
        one, other = pictures[pair.a], pictures[pair.b]
        if pair.same and not isinstance(one, Lost) and not isinstance(other, Lost):
            scores.append(float(compare(one, other)))
    return _Compared(genuine.name, tuple(scores), genuine.same - len(scores))


def _misses(compared: Sequence[_Compared], population: PopulationReport) -> Iterator[Misses]:
    threshold = population.threshold_x10000 / SCALE
    for pairs in compared:
        if pairs.scores:
            yield _missed(pairs.name, false_non_match_rate(np.asarray(pairs.scores), threshold))
    if population.fnmr.of:
        yield _missed(f"{population.name}, pictures of one person", population.fnmr)


def _missed(name: str, found: Rate) -> Misses:
    return Misses(_printable(name), found.of, found.errors, found.low, found.high)


def _undirected(sightings: Sightings) -> int:
    return sum(picture.lost.loss is Loss.NO_EMBEDDING for picture in sightings.lost)


def _place(seen: Sequence[Seen], eyes: Eyes) -> list[PlacedFace]:
    """Some faces of the population, spread over the list."""
    chosen = seen[:: max(1, len(seen) // MOST_FACES)][:MOST_FACES]
    portraits = (look_at(each.picture.path, eyes.detector) for each in chosen)
    return [PlacedFace(found.bgr, eyes.aligner.points(found.bgr, found.face)) for found in portraits if found]


def _claim(elders: ElderFindings, trial: Trial) -> Claim | None:
    if elders.proof is None:
        return None
    return Claim(
        threshold_x10000=elders.proof.threshold_x10000,
        review_from_x10000=elders.proof.review_from_x10000,
        fmr=ASKED_FMR[trial.claim],
        band=_printable(elders.proof.band),
        population=_printable(f"{trial.listed.name}: {elders.proof.band}")[:LONGEST_POPULATION],
        reference_class=ReferenceClass.DOCUMENT,
    )


def _bands(measured: Measurement) -> tuple[BandRecord, ...]:
    """Those of old people first, then those of everybody that are not the same ones."""
    found = {_printable(named.name): named.band for named in measured.elders.bands}
    all_are_old = measured.elders.bands[0].band.tally.persons == measured.population.bands[0].tally.persons
    told = {named.band.tally.name for named in measured.elders.bands} if all_are_old else set()
    for band in measured.population.bands:
        if band.tally.name not in told:
            found.setdefault(_printable(band.tally.name), band)
    return tuple(_band(name, band) for name, band in found.items())


def _band(name: str, band: Band) -> BandRecord:
    counted = {each.word: each.counted_x10000 for each in band.thresholds}
    return BandRecord(
        name=name,
        people=band.tally.persons,
        comparisons=band.fmr.of,
        false_matches=band.fmr.errors,
        low=band.fmr.low,
        high=band.fmr.high,
        low_by_person=band.by_person.low,
        high_by_person=band.by_person.high,
        threshold_1e2_x10000=counted["1e-2"],
        threshold_1e3_x10000=counted["1e-3"],
    )


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:200]
