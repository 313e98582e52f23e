"""`lifecert verify`: one whole attempt on a recording or a camera, against one photo. Nothing is stored or sent."""

from __future__ import annotations

import base64
import os
import secrets
import sys
import tempfile
from pathlib import Path

import click

from edge.bench_visit import BenchVisit, run_bench_visit
from edge.commands.console import Exit, Json, choice_option, config_option, faults, json_option, mirror_option, print_json
from edge.config import load_settings
from edge.engine import open_engine
from edge.model_choice import choices_for_this_board
from edge.prompts.catalogue import load_catalogue
from models.store import store_from_environment
from wire.result import Mode, Verdict


@click.command
@click.option(
    "--camera", required=True, metavar="SPEC", help="clip:FILE, folder:DIR, usb:N, pi, jetson, actor:FILE.toml or scene:FILE.toml"
)
@click.option("--reference", required=True, type=click.Path(path_type=Path), metavar="PHOTO", help="Photo to compare with.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.PASSIVE.value,
    show_default=True,
    help="Hold still, do what the screen asks for, or that in the light of the unit's own lamps.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Makes the challenge repeatable; random without it.")
@choice_option
@mirror_option
@config_option
@json_option
def verify(
    camera: str, reference: Path, mode: str, seed: int | None, choice: Path | None,
    mirror: Path | None, config: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Check that a living person is in front of the camera and looks like the photo.

    Ends with 0 when accepted, 1 with any other verdict, 2 on a fault.

    \b
    Examples:
      lifecert verify --camera clip:visit.mp4 --reference photo.jpg
      lifecert verify --camera usb:0 --reference photo.jpg --mode active --json
    """
    with faults(as_json=as_json), tempfile.TemporaryDirectory() as scratch:
        settings = load_settings(config)
        store, choices = store_from_environment(os.environ, mirror), choices_for_this_board(choice) if choice else None
        engine = open_engine(store, settings.unit.matcher, settings.unit.texture, choices)
        nonce = secrets.token_bytes(16) if seed is None else seed.to_bytes(16, "big")
        visit = run_bench_visit(camera, reference, Mode(mode), nonce, settings, engine, Path(scratch))
    if as_json:
        print_json(_document(visit))
    else:
        _print_lines(visit)
    sys.exit(Exit.DONE if visit.statement.verdict is Verdict.ACCEPTED else Exit.REFUSED)


def _document(visit: BenchVisit) -> Json:
    statement, likeness = visit.statement, visit.statement.likeness
    return {
        "verdict": statement.verdict.value,
        "reasons": [reason.value for reason in statement.reasons],
        "similarity": likeness.similarity if likeness else None,
        "threshold": visit.threshold_x10000,
        "liveness": {
            "mode": statement.mode.value,
            **{cue.cue: {"score": cue.score, "threshold": cue.threshold} for cue in statement.liveness},
            "action": visit.action,
        },
        "frames": statement.frames,
        "cpu_ms_per_frame": round(visit.cpu_ms_per_frame, 2),
        "token": base64.urlsafe_b64encode(visit.envelope).rstrip(b"=").decode(),
    }


def _print_lines(visit: BenchVisit) -> None:
    statement = visit.statement
    click.echo(f"verdict     {statement.verdict.value}")
    click.echo(f"reasons     {', '.join(reason.value for reason in statement.reasons) or 'none'}")
    for reason in statement.reasons:
        view = load_catalogue("en").view(reason)
        click.echo(f"            {view.title}. {view.remedy}")
    if statement.likeness:
        click.echo(f"similarity  {statement.likeness.similarity / 10_000:.4f} (threshold {visit.threshold_x10000 / 10_000:.4f})")
    if statement.verdict is Verdict.ATTACK:
        click.echo("scores      not shown for an attack: they would teach the next one; --json holds them for the bench")
    else:
        for cue in statement.liveness:
            click.echo(f"{cue.cue:11} {cue.score / 10_000:.4f} (threshold {cue.threshold / 10_000:.4f})")
    click.echo(f"frames      {statement.frames}, {visit.cpu_ms_per_frame:.1f} CPU-ms each")
