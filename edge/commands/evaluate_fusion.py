"""`lifecert evaluate fusion`: what two or three networks gain together, judged on persons that nothing was fitted to."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import faults, json_option, mirror_option, print_json, tell_progress
from edge.engine import open_eyes
from models.matcher import single
from models.store import store_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.evaluate.fusion import RuleFigures

SEED = 20261123


@click.command
@click.argument("population", type=click.Path(path_type=Path), metavar="LIST.csv")
@click.option("--images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the population.")
@click.option("--group", "only", metavar="NAME", help="Only the lines of this group.")
@click.option("--one-person", type=click.Path(path_type=Path), metavar="FILE.csv", help="Files that show one person: a, b.")
@click.option("--genuine", required=True, type=click.Path(path_type=Path), metavar="PAIRS.csv", help="Pairs a, b, same.")
@click.option("--genuine-images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the pairs.")
@click.option("--network", "networks", multiple=True, required=True, metavar="NAME", help="Embedder, one to three of them.")
@click.option("--divisions", type=click.IntRange(1, 100), default=10, show_default=True, help="Ways to halve the persons.")
@mirror_option
@json_option
def fusion(
    population: Path,
    images: Path,
    only: str | None,
    one_person: Path | None,
    genuine: Path,
    genuine_images: Path,
    networks: tuple[str, ...],
    divisions: int,
    mirror: Path | None,
    as_json: bool,
) -> None:
    """Try sums, ANDs, a fitted logistic sum and norms against a cohort: what each misses at equal false match rate.

    Persons are halved several times: what is fitted sees the first half, what is reported the second. A rule that only lowers
    the threshold of other people shows in the column `elsewhere`; what it gains by itself in the column `own`.

    \b
    Examples:
      lifecert evaluate fusion elders.csv --images elders --genuine pairs.csv --genuine-images portraits --network embedder
      lifecert evaluate fusion e.csv --images e --genuine p.csv --genuine-images p --network embedder --network espdl_mfn --json
    """
    if not 1 <= len(set(networks)) <= 3 or len(set(networks)) != len(networks):
        raise click.UsageError("--network names one to three different embedders")
    with faults(as_json=as_json):
        from edge.evaluate.fusion import weigh_rules
        from edge.evaluate.fusion_material import Sets, gather_material
        from edge.evaluate.one_person import read_one_person
        from edge.evaluate.pairs import read_pairs
        from edge.evaluate.people import TABLE_NAME, find_people
        from edge.evaluate.population_list import read_population

        listed = read_population(population, images).pictures
        chosen = tuple(picture for picture in listed if only is None or picture.member.group == only)
        joined = read_one_person(one_person, {picture.file for picture in listed}) if one_person else ()
        pairs = read_pairs(genuine, genuine_images)
        store = store_from_environment(os.environ, mirror)
        eyes = {name: open_eyes(store, single(name)) for name in networks}
        sets = Sets(chosen, joined, pairs, find_people(pairs, genuine.parent / TABLE_NAME))
        figures = weigh_rules(gather_material(sets, eyes, tell_progress), divisions, SEED)
    if as_json:
        print_json({"divisions": divisions, "rules": [asdict(rule) for rule in figures]})
    else:
        _print(figures)


def _print(figures: Sequence[RuleFigures]) -> None:
    width = max(len(rule.name) for rule in figures)
    click.echo(f"{'rule':{width}}  FNMR at 1e-2 (worst)  at 1e-3 (worst)   FMR elsewhere at those   FNMR at own 1e-3")
    for rule in figures:
        misses = "".join(f"{100 * rule.fnmr[word]:8.2f} % ({100 * rule.worst_fnmr[word]:5.2f})" for word in rule.fnmr)
        elsewhere = "".join(f"{100 * share:11.4f} %" for share in rule.fmr_elsewhere.values())
        click.echo(f"{rule.name:{width}}  {misses}  {elsewhere}  {100 * rule.own_fnmr:14.2f} %")
