"""`lifecert quality`: what the unit would say of the face in a photo, and of which quality it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from edge.commands.console import Exit, Json, config_option, faults, json_option, mirror_option, print_json
from edge.config import load_settings
from edge.engine import open_engine
from edge.flow import FaceSample, Flaw
from edge.guide import first_of
from edge.prompts.catalogue import LANGUAGES, load_catalogue
from edge.schedule import GRADED_ONLY
from firmware.frame import UNKNOWN_LIGHT, frame_from_bgr
from firmware.picture import read_picture
from models.store import store_from_environment
from wire.reasons import Reason


@click.command
@click.argument("photo", type=click.Path(path_type=Path), metavar="PHOTO")
@mirror_option
@config_option
@json_option
def quality(photo: Path, mirror: Path | None, config: Path | None, as_json: bool) -> None:
    """Grade the face in a photo as a unit grades a frame, and say what it would tell the person.

    Components are scored 0 to 100 and named as in ISO/IEC 29794-5. Of several faces the one that the unit attends to counts; the
    others are a flaw. Ends with 0 when the face can be judged, 1 when something is in the way, 2 on a fault.

    \b
    Examples:
      lifecert quality frame.jpg
      lifecert quality frame.jpg --json
    """
    with faults(as_json=as_json):
        limits = load_settings(config).grade
        frame = frame_from_bgr(read_picture(photo), 0, 0, UNKNOWN_LIGHT)
        engine = open_engine(store_from_environment(os.environ, mirror))
        engine = replace(engine, rules=replace(engine.rules, grade=limits))
        seen = engine.pipeline().observe(frame, GRADED_ONLY)
    said = first_of(seen)
    if as_json:
        print_json(_document(seen.sample, said))
    else:
        for line in _lines(seen.sample, said):
            click.echo(line)
    sys.exit(Exit.DONE if seen.usable else Exit.REFUSED)


def _document(sample: FaceSample | None, said: Reason | None) -> Json:
    return {
        "face": sample is not None,
        "usable": sample is not None and sample.usable,
        "quality": sample.quality if sample else None,
        "components": {component.value: score for component, score in sample.components} if sample else {},
        "flaws": [_flaw(flaw) for flaw in sample.flaws] if sample else [],
        "distance_cm": None if sample is None or sample.distance_cm is None else round(sample.distance_cm, 1),
        "instruction": {"reason": said.value, **{language: _words(said, language) for language in LANGUAGES}} if said else None,
    }


def _flaw(flaw: Flaw) -> Json:
    return {"reason": flaw.reason.value, "severity": round(flaw.severity, 4), "blocks": flaw.blocks}


def _words(reason: Reason, language: str) -> Json:
    view = load_catalogue(language).view(reason)
    return {"title": view.title, "remedy": view.remedy}


def _lines(sample: FaceSample | None, said: Reason | None) -> Iterator[str]:
    if sample:
        for component, score in sample.components:
            yield f"{component.value:26} {score:3}"
        if sample.distance_cm is not None:
            yield f"{'distance':26} {sample.distance_cm:.0f} cm"
        for flaw in sample.flaws:
            yield f"flaw {flaw.reason.value:21} {flaw.severity:.2f}"
    if said is None:
        yield "nothing is in the way"
    else:
        for language in LANGUAGES:
            view = load_catalogue(language).view(said)
            yield f"{language:6} {view.title} {view.remedy}"
