"""`lifecert compare`: how alike are the faces of two photos? It is a bench tool: no liveness, nothing stored or sent."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from edge.commands.console import Exit, faults, json_option, mirror_option, print_json
from edge.conclude import scaled, threshold_x10000
from edge.engine import open_engine
from edge.evaluate.portrait import Portrait, embed, look_at
from edge.flow import Similarity
from edge.stages.match import compare as likeness
from models.store import store_from_environment


@click.command
@click.argument("photos", nargs=2, type=click.Path(path_type=Path), metavar="PHOTO PHOTO")
@mirror_option
@json_option
def compare(photos: tuple[Path, Path], mirror: Path | None, as_json: bool) -> None:
    """Say whether two photos show the same person, at the shipped threshold.

    Of several faces in a photo the large and central one counts. Ends with 0 when the same, 1 when not or when a photo
    shows no face, 2 on a fault.

    \b
    Examples:
      lifecert compare card.jpg visitor.jpg
      lifecert compare card.jpg visitor.jpg --json
    """
    with faults(as_json=as_json):
        engine = open_engine(store_from_environment(os.environ, mirror))
        eyes = engine.eyes
        one, other = (look_at(photo, eyes.detector) for photo in photos)
        similarity = likeness(embed(one, eyes), embed(other, eyes)) if one and other else None
    threshold = engine.rules.thresholds.match
    same = similarity is not None and similarity >= threshold
    faces = [_faces(portrait) for portrait in (one, other)]
    _warn(photos, faces)
    if as_json:
        number = None if similarity is None else scaled(similarity)
        print_json({"similarity": number, "threshold": threshold_x10000(threshold), "same": same, "faces": faces})
    else:
        click.echo(_sentence(similarity, threshold))
    sys.exit(Exit.DONE if same else Exit.REFUSED)


def _faces(portrait: Portrait | None) -> int:
    return portrait.faces if portrait else 0


def _warn(photos: tuple[Path, Path], faces: list[int]) -> None:
    for photo, count in zip(photos, faces, strict=True):
        if count == 0:
            click.echo(f"{photo}: there is no face that can be compared", err=True)
        elif count > 1:
            click.echo(f"{photo}: of {count} faces the large and central one counts", err=True)


def _sentence(similarity: Similarity | None, threshold: Similarity) -> str:
    if similarity is None:
        return "not comparable: a photo without a face"
    verdict = "the same person" if similarity >= threshold else "not the same person"
    return f"{verdict}: similarity {similarity:.4f}, threshold {threshold:.4f}"
