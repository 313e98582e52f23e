"""Counts and rates of recorded presentations, in the terms of ISO/IEC 30107-3:2023."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.evaluate.recorded.replay import Replayed
from edge.evaluate.taken import Taken
from models.calibration.rates import Rate, rate

FEWEST = 51
"""With fewer presentations of a species and no error, the upper 95 % bound of its APCER lies above 7 %."""


@dataclass(frozen=True, slots=True)
class SpeciesRates:
    """One presentation attack instrument species."""

    species: str
    artefacts: int
    subjects: int
    apcer: Rate
    """Taken for living, of those with a response."""
    apnrr: Rate
    """Without a response."""
    iapar: Rate
    """Accepted by the whole unit, likeness included, of all."""


@dataclass(frozen=True, slots=True)
class PlaceRates:
    """One place."""

    place: str
    bpcer: Rate
    apcer: Rate


@dataclass(frozen=True, slots=True)
class RecordedReport:
    """The figures of a folder."""

    replayed: tuple[Replayed, ...]
    operators: int
    subjects: int
    bpcer: Rate
    """Living people with a response who do not pass: taken for an attack, or not managing what was asked."""
    bpnrr: Rate
    accepted: Rate
    """Living people who are accepted, likeness included, of all."""
    species: tuple[SpeciesRates, ...]
    """Worst first."""
    places: tuple[PlaceRates, ...]

    @property
    def worst(self) -> SpeciesRates | None:
        """The species that passes most easily, as far as can be told: APCER is that of the worst one (30107-3)."""
        return self.species[0] if self.species else None

    @property
    def too_few(self) -> tuple[str, ...]:
        """Species of which there are too few to say much."""
        return tuple(one.species for one in self.species if one.apcer.of < FEWEST)


def weigh_replayed(replayed: Sequence[Replayed]) -> RecordedReport:
    """Turn presentations into rates."""
    living = [one for one in replayed if one.recorded.card.living]
    attacks = [one for one in replayed if not one.recorded.card.living]
    species = [_species(word, group) for word, group in _grouped(attacks, "species")]
    cards = [one.recorded.card for one in replayed]
    return RecordedReport(
        tuple(replayed),
        operators=len({card.operator for card in cards}),
        subjects=len({card.subject for card in cards}),
        bpcer=_passing(living, passes=False),
        bpnrr=_silent(living),
        accepted=rate(sum(one.accepted for one in living), len(living)),
        species=tuple(sorted(species, key=lambda one: (-one.apcer.high, -one.iapar.high, one.species))),
        places=tuple(_place(word, group) for word, group in _grouped(replayed, "place")),
    )


def _species(word: str, group: Sequence[Replayed]) -> SpeciesRates:
    cards = [one.recorded.card for one in group]
    return SpeciesRates(
        word,
        artefacts=len({card.artefact for card in cards}),
        subjects=len({card.subject for card in cards}),
        apcer=_passing(group, passes=True),
        apnrr=_silent(group),
        iapar=rate(sum(one.accepted for one in group), len(group)),
    )


def _place(word: str, group: Sequence[Replayed]) -> PlaceRates:
    living = [one for one in group if one.recorded.card.living]
    attacks = [one for one in group if not one.recorded.card.living]
    return PlaceRates(word, _passing(living, passes=False), _passing(attacks, passes=True))


def _grouped(replayed: Sequence[Replayed], by: str) -> list[tuple[str, list[Replayed]]]:
    words = sorted({str(getattr(one.recorded.card, by)) for one in replayed})
    return [(word, [one for one in replayed if getattr(one.recorded.card, by) == word]) for word in words]


def _passing(group: Iterable[Replayed], *, passes: bool) -> Rate:
    taken = [one.taken for one in group if one.taken is not Taken.NOTHING]
    return rate(sum((one is Taken.LIVING) is passes for one in taken), len(taken))


def _silent(group: Sequence[Replayed]) -> Rate:
    return rate(sum(one.taken is Taken.NOTHING for one in group), len(group))
