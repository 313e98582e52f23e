"""Counts and rates of simulated presentations, and what each cue is worth: each switched off in turn.

Terms of ISO/IEC 30107-3. All of it is simulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.evaluate.simulated.perform import Outcome
from edge.evaluate.simulated.plan import FORGERIES, Forgery
from edge.evaluate.taken import ALL_CUES, Taken, taken_for
from edge.flow import CueKind
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import ATTACKS, Species
from models.calibration.rates import Rate, rate


@dataclass(frozen=True, slots=True)
class CellRate:
    """The attacks of one species in one place."""

    species: Species
    place: Place
    accepted: Rate
    """Of all its presentations: one without a response was not accepted."""
    apcer: Rate
    """Of those with a response."""
    apnrr: Rate


@dataclass(frozen=True, slots=True)
class Ablation:
    """The figures with one cue switched off, of the presentations that were heard out."""

    without: CueKind
    bpcer: Rate
    apcer: Mapping[Species, Rate]
    wrong_code: Rate


@dataclass(frozen=True, slots=True)
class SimulatedReport:
    """The figures of one half."""

    presentations: int
    bpcer: Rate
    """Living people taken for an attack, or who did not manage what was asked; of those with a response."""
    bpcer_by_place: Mapping[Place, Rate]
    called_attack: Rate
    """Living people taken for an attack."""
    bpnrr: Rate
    apcer: Mapping[Species, Rate]
    apnrr: Mapping[Species, Rate]
    cells: tuple[CellRate, ...]
    """Worst first."""
    called_attacks: Mapping[Species, Rate]
    """Attacks that are called so; the others were refused without the word."""
    wrong_code: Rate
    """Forged streams of the right living face that are taken for living; all of them count."""
    forgeries: Mapping[Forgery, Rate]
    ablations: tuple[Ablation, ...]


def weigh_outcomes(outcomes: Sequence[Outcome]) -> SimulatedReport:
    """Turn outcomes into rates."""
    plain = [one for one in outcomes if one.presentation.forgery is Forgery.NONE]
    living = [one for one in plain if one.presentation.species is Species.LIVE]
    forged = [one for one in outcomes if one.presentation.forgery is not Forgery.NONE]
    by_species: dict[Species, list[Outcome]] = {
        species: [one for one in plain if one.presentation.species is species] for species in ATTACKS
    }
    return SimulatedReport(
        presentations=len(outcomes),
        bpcer=bpcer(living),
        bpcer_by_place={place: bpcer(_at(living, place)) for place in Place},
        called_attack=_share(living, Taken.ATTACK, responses=True),
        bpnrr=_share(living, Taken.NOTHING),
        apcer={species: apcer(group) for species, group in by_species.items()},
        apnrr={species: _share(group, Taken.NOTHING) for species, group in by_species.items()},
        cells=_cells(by_species),
        called_attacks={species: _share(group, Taken.ATTACK, responses=True) for species, group in by_species.items()},
        wrong_code=_share(forged, Taken.LIVING),
        forgeries={kind: _share([one for one in forged if one.presentation.forgery is kind], Taken.LIVING) for kind in FORGERIES},
        ablations=tuple(_ablation(kind, living, by_species, forged) for kind in CueKind),
    )


def bpcer(living: Sequence[Outcome], cues: frozenset[CueKind] = ALL_CUES) -> Rate:
    """Living people with a response who do not pass."""
    taken = [one for one in (taken_for(outcome.standings, cues) for outcome in living) if one is not Taken.NOTHING]
    return rate(sum(one is not Taken.LIVING for one in taken), len(taken))


def apcer(attacks: Sequence[Outcome], cues: frozenset[CueKind] = ALL_CUES) -> Rate:
    """Attacks with a response that pass."""
    return _share(attacks, Taken.LIVING, cues, responses=True)


def _share(group: Iterable[Outcome], wanted: Taken, cues: frozenset[CueKind] = ALL_CUES, *, responses: bool = False) -> Rate:
    taken = [taken_for(outcome.standings, cues) for outcome in group]
    counted = [one for one in taken if one is not Taken.NOTHING] if responses else taken
    return rate(sum(one is wanted for one in counted), len(counted))


def _at(group: Sequence[Outcome], place: Place) -> list[Outcome]:
    return [one for one in group if one.presentation.place is place]


def _cells(by_species: Mapping[Species, Sequence[Outcome]]) -> tuple[CellRate, ...]:
    cells = [
        CellRate(species, place, _share(here, Taken.LIVING), apcer(here), _share(here, Taken.NOTHING))
        for species, group in by_species.items()
        for place in Place
        if (here := _at(group, place))
    ]
    return tuple(sorted(cells, key=lambda cell: (-cell.accepted.high, -cell.apcer.high)))


def _ablation(
    without: CueKind, living: Sequence[Outcome], by_species: Mapping[Species, Sequence[Outcome]], forged: Sequence[Outcome]
) -> Ablation:
    cues = ALL_CUES - {without}
    return Ablation(
        without,
        bpcer(_heard_out(living), cues),
        {species: apcer(_heard_out(group), cues) for species, group in by_species.items()},
        _share(_heard_out(forged), Taken.LIVING, cues),
    )


def _heard_out(group: Iterable[Outcome]) -> list[Outcome]:
    return [one for one in group if one.presentation.heard_out]
