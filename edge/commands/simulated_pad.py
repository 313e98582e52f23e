"""The simulated half of `lifecert evaluate pad`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import click

from edge.commands.console import Json, faults, print_json
from edge.commands.rate_words import share, spelled
from edge.evaluate.errors import FacesNotFoundError
from edge.evaluate.plots import check_writable, write_plot
from edge.evaluate.plots_simulated import draw_simulated
from edge.evaluate.simulated.faces import USUAL, Faces, read_faces
from edge.evaluate.simulated.perform import perform
from edge.evaluate.simulated.plan import plan
from edge.evaluate.simulated.pool import play_all, workshop_of
from edge.evaluate.simulated.report import CellRate, SimulatedReport, weigh_outcomes
from edge.evaluate.split import Half
from models.calibration.rates import Rate

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be measured."""

    of_each: int
    forged: int
    half: str
    faces: Path | None
    images: Path | None
    workers: int
    plot: Path | None
    mirror: Path | None


def measure_scenes(order: Order, *, as_json: bool) -> None:
    """Play the scenes, and print the figures."""
    with faults(as_json=as_json):
        half = Half[order.half.upper()]
        faces = faces_of(order.faces, order.images, order.mirror, half)
        if order.plot:
            check_writable(order.plot)
        planned = plan(faces, half, order.of_each, order.of_each, order.forged)
        workshop = workshop_of(faces, os.environ, order.mirror)
        report = weigh_outcomes(play_all(perform, planned, workshop, order.workers, tell_scenes))
        if order.plot:
            write_plot(order.plot, draw_simulated(report, order.half))
    if as_json:
        print_json(_document(report, order))
    else:
        _print(report, order)


def faces_of(listed: Path | None, images: Path | None, mirror: Path | None, half: Half) -> Faces:
    """The photos to wear: those that are listed, else the development portraits of the mirror."""
    if listed and images:
        return read_faces(listed, images, half)
    named = os.environ.get("LIFECERT_MIRROR")
    folder = mirror or (Path(named) if named else None)
    if folder is None or not (folder / "data" / USUAL / "images.csv").is_file():
        raise FacesNotFoundError(folder)
    usual = folder / "data" / USUAL
    return read_faces(usual / "images.csv", usual / "images", half)


def tell_scenes(done: int, of: int) -> None:
    """Say on stderr how far it is, a hundred times at most."""
    if done * 100 // of > (done - 1) * 100 // of:
        click.echo(f"{done} of {of} simulated scenes", err=True)


def _document(report: SimulatedReport, order: Order) -> Json:
    return {
        "simulated": True,
        "half": order.half,
        "presentations": report.presentations,
        "bpcer": asdict(report.bpcer),
        "apcer": _by_word(report.apcer),
        "wrong_code": asdict(report.wrong_code),
        "called_attack": asdict(report.called_attack),
        "bpcer_by_place": _by_word(report.bpcer_by_place),
        "bpnrr": asdict(report.bpnrr),
        "apnrr": _by_word(report.apnrr),
        "attacks_called_so": _by_word(report.called_attacks),
        "forgeries": _by_word(report.forgeries),
        "cells": [_cell(cell) for cell in report.cells],
        "ablation": {
            each.without.value: {
                "bpcer": asdict(each.bpcer),
                "apcer": _by_word(each.apcer),
                "wrong_code": asdict(each.wrong_code),
            }
            for each in report.ablations
        },
    }


def _by_word(rates: Mapping[Word, Rate]) -> Json:
    return {str(word): asdict(rate) for word, rate in rates.items()}


def _cell(cell: CellRate) -> Json:
    return {
        "species": cell.species.value,
        "place": cell.place.value,
        "accepted": asdict(cell.accepted),
        "apcer": asdict(cell.apcer),
        "apnrr": asdict(cell.apnrr),
    }


def _print(report: SimulatedReport, order: Order) -> None:
    click.echo(
        f"SIMULATED, half {order.half}: {report.presentations} scenes; these figures are no proof of how real attacks fare"
    )
    click.echo(f"BPCER           {spelled(report.bpcer)}")
    click.echo(f"  called attack {spelled(report.called_attack)}   no response {spelled(report.bpnrr)}")
    for place, found in report.bpcer_by_place.items():
        click.echo(f"  {place.value:13} {spelled(found)}")
    for species, found in report.apcer.items():
        silent = report.apnrr[species]
        click.echo(f"APCER {species.value:13} {spelled(found)}   no response {silent.errors} of {silent.of}")
    click.echo(f"forged streams  {spelled(report.wrong_code)}")
    for kind, found in report.forgeries.items():
        click.echo(f"  {kind.value:13} {found.errors} of {found.of}")
    worst = report.cells[0]
    click.echo(f"worst cell      {worst.species.value} in {worst.place.value}: {spelled(worst.accepted)}")
    click.echo("With one cue switched off, of all living people and of the attacks and streams that were heard out:")
    click.echo(f"without         BPCER      forged     {'  '.join(f'{species.value:12}' for species in report.apcer)}")
    for each in report.ablations:
        rates = (each.bpcer, each.wrong_code, *each.apcer.values())
        click.echo(f"{each.without.value:15} {'  '.join(f'{share(rate.value):12}' for rate in rates)}")
