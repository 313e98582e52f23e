"""`lifecert pad fit`: the constants of the cues that lamps give, found on simulated scenes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json

if TYPE_CHECKING:
    from models.relief import ReliefWeights


@click.command
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.toml", help="Where the weights go.")
@click.option("--of-each", type=click.IntRange(1, 10_000), default=30, show_default=True, help="Scenes per attack and place.")
@click.option("--living", type=click.IntRange(1, 10_000), default=70, show_default=True, help="Living people per place.")
@click.option("--forged", type=click.IntRange(0, 10_000), default=40, show_default=True, help="Forged streams of each kind.")
@click.option("--faces", type=click.Path(path_type=Path), metavar="LIST.csv", help="Photos that the scenes wear: column file.")
@click.option("--images", type=click.Path(path_type=Path), metavar="DIR", help="Folder of these photos.")
@click.option("--workers", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="Processes side by side.")
@mirror_option
@json_option
def fit(
    out: Path, of_each: int, living: int, forged: int, faces: Path | None, images: Path | None, workers: int, mirror: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Find the weights of the relief, and the thresholds of the cues that lamps give, on simulated scenes.

    Only the half `fit` of people, variants and lights is played: `lifecert evaluate pad --simulated` reports on the other. The
    same scenes give the same weights, but for their last digit.

    \b
    Examples:
      lifecert pad fit --out models/relief.toml
      lifecert pad fit --out relief.toml --of-each 10 --living 50 --json
    """
    with faults(as_json=as_json):
        from edge.commands.simulated_pad import faces_of, tell_scenes
        from edge.evaluate.plots import check_writable
        from edge.evaluate.simulated.fit import Example, WrongAnswer, example_of
        from edge.evaluate.simulated.fit import fit as fit_weights
        from edge.evaluate.simulated.plan import plan
        from edge.evaluate.simulated.pool import play_all, workshop_of
        from edge.evaluate.split import Half
        from models.relief import written

        check_writable(out)
        worn = faces_of(faces, images, mirror, Half.FIT)
        planned = plan(worn, Half.FIT, of_each, living, forged)
        seen = play_all(example_of, planned, workshop_of(worn, os.environ, mirror), workers, tell_scenes)
        examples = [one for one in seen if isinstance(one, Example)]
        wrong = [one for one in seen if isinstance(one, WrongAnswer)]
        alive = sum(example.living for example in examples)
        counts = f"{alive} living, {len(examples) - alive} attacks, {len(wrong)} forged streams, {len(worn.people)} people"
        found = fit_weights(examples, wrong, f"simulated: {counts}")
        out.write_text(written(found), encoding="utf-8")
    if as_json:
        print_json(_fit_document(found, out))
    else:
        click.echo(f"{found.derived_from}")
        click.echo(f"thresholds: relief {found.threshold}, code {found.code_threshold}, texture {found.texture_threshold}")
        click.echo(f"written to {out}")


def _fit_document(found: ReliefWeights, out: Path) -> Json:
    return {
        "simulated": True,
        "derived_from": found.derived_from,
        "thresholds": {"relief": found.threshold, "code": found.code_threshold, "texture": found.texture_threshold},
        "file": str(out),
    }
