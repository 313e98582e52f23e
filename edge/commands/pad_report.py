"""`lifecert pad report` and `lifecert pad calibrate`: what recorded presentations say about a unit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, config_option, faults, json_option, mirror_option, print_json, tell_progress
from edge.commands.rate_words import spelled
from edge.config import load_settings
from edge.engine import open_engine
from edge.version import software_version
from models.store import store_from_environment

# What draws and counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from edge.engine import Engine
    from edge.evaluate.recorded.replay import Replayed
    from edge.evaluate.recorded.report import RecordedReport
    from models.texture_threshold import Proven, TextureThreshold

_folder = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@click.command
@_folder
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.html", help="Where the page goes.")
@mirror_option
@config_option
@json_option
def report(folder: Path, out: Path | None, mirror: Path | None, config: Path | None, as_json: bool) -> None:
    """Play what `lifecert pad record` kept in DIR to the present software, and count.

    APCER per species, worst first, BPCER, non-response rates and IAPAR with exact 95 % intervals, in the terms of
    ISO/IEC 30107-3. Without --out the page goes to pad-NAME.html here; no face is on it.

    \b
    Examples:
      lifecert pad report trial
      lifecert pad report trial --out trial.html --json
    """
    target = out or Path(f"pad-{folder.resolve().name}.html")
    with faults(as_json=as_json):
        from edge.evaluate.plots import check_writable, write_plot
        from edge.evaluate.plots_recorded import draw_rates, draw_textures
        from edge.evaluate.recorded.report import weigh_replayed
        from edge.evaluate.recorded_page import draw_page

        check_writable(target)
        engine, replayed = _replay(folder, config, mirror)
        found = weigh_replayed(replayed)
        plots = (draw_rates(found), draw_textures(found, engine.rules.thresholds.texture_lit))
        today = datetime.now(UTC).date().isoformat()
        write_plot(target, draw_page(found, plots, software_version(), today))
    click.echo(f"page: {target}", err=True)
    if as_json:
        print_json(_document(found, target))
    else:
        _print(found)


@click.command
@_folder
@click.option("--camera", required=True, metavar="TEXT", help="The kind of camera, for people.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.toml", help="Where the thresholds go.")
@mirror_option
@config_option
@json_option
def calibrate(folder: Path, camera: str, out: Path, mirror: Path | None, config: Path | None, as_json: bool) -> None:
    """Find the texture thresholds of one kind of camera from what `lifecert pad record` kept in DIR.

    Half of the people find them, the other half shows what they are worth. Name the file in the setting unit.texture of units
    with such a camera. At least 30 presentations of living people are needed in each half.

    \b
    Examples:
      lifecert pad calibrate trial --camera "OV5647 without a filter" --out ov5647.toml
    """
    with faults(as_json=as_json):
        from edge.evaluate.plots import check_writable, write_plot
        from edge.evaluate.recorded.calibrate import calibrate as find_thresholds
        from models.texture_threshold import texture_threshold_text

        check_writable(out)
        _, replayed = _replay(folder, config, mirror)
        found = find_thresholds(replayed, camera)
        write_plot(out, texture_threshold_text(found).encode())
    if as_json:
        print_json({"camera": found.camera, **_thresholds(found), "file": str(out)})
    else:
        for word, proven in (("steady", found.steady), ("lamps", found.lit)):
            if proven:
                _print_threshold(word, proven)
        click.echo(f"written to {out}")


def _print_threshold(word: str, proven: Proven) -> None:
    refused, passed = f"{proven.refused} of {proven.living}", f"{proven.passed} of {proven.attacks}"
    click.echo(f"{word:8} threshold {proven.threshold}: refuses {refused} living people, lets {passed} attacks pass")


def _replay(folder: Path, config: Path | None, mirror: Path | None) -> tuple[Engine, Sequence[Replayed]]:
    from edge.evaluate.recorded.replay import read_recorded, replay_all

    recorded, settings = read_recorded(folder), load_settings(config)
    engine = open_engine(store_from_environment(os.environ, mirror), settings.unit.matcher, settings.unit.texture)
    return engine, replay_all(recorded, settings, engine, tell_progress)


def _thresholds(found: TextureThreshold) -> dict[str, object]:
    each: dict[str, Proven | None] = {"steady": found.steady, "lit": found.lit}
    return {word: asdict(proven) if proven else None for word, proven in each.items()}


def _document(found: RecordedReport, page: Path) -> Json:
    return {
        "presentations": len(found.replayed),
        "subjects": found.subjects,
        "operators": found.operators,
        "bpcer": asdict(found.bpcer),
        "bpnrr": asdict(found.bpnrr),
        "living_accepted": asdict(found.accepted),
        "species": [asdict(one) for one in found.species],
        "places": [asdict(one) for one in found.places],
        "too_few": list(found.too_few),
        "page": str(page),
    }


def _print(found: RecordedReport) -> None:
    click.echo(f"{len(found.replayed)} presentations of {found.subjects} people, by {found.operators} operators")
    for one in found.species:
        click.echo(f"APCER {one.species:16} {spelled(one.apcer)}   no response {one.apnrr.errors} of {one.apnrr.of}")
        click.echo(f"IAPAR {'':16} {spelled(one.iapar)}")
    click.echo(f"BPCER {'':16} {spelled(found.bpcer)}   no response {found.bpnrr.errors} of {found.bpnrr.of}")
    click.echo(f"living people accepted {spelled(found.accepted)}")
    if found.too_few:
        click.echo(f"too few to say much about: {', '.join(found.too_few)}")
