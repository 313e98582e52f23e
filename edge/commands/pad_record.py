"""`lifecert pad record`: one presentation before a unit's camera, kept with what it is."""

from __future__ import annotations

import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, config_option, faults, json_option, mirror_option, print_json
from edge.config import load_settings
from edge.engine import open_engine
from edge.version import software_version
from firmware.board import strobe_of
from models.store import store_from_environment
from wire.result import Mode

if TYPE_CHECKING:
    from edge.evaluate.recorded.collect import Collected


@click.command
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder that collects presentations.")
@click.option("--camera", metavar="SPEC", help="Camera; without it, the one of the settings.")
@click.option("--reference", required=True, type=click.Path(path_type=Path), metavar="PHOTO", help="Photo of who is shown.")
@click.option("--species", required=True, metavar="WORD", help="`live`, or what is shown instead, such as vinyl_print.")
@click.option("--artefact", default="none", show_default=True, metavar="TEXT", help="Which thing of that species.")
@click.option("--subject", required=True, metavar="CODE", help="Code of the person who is shown; no name.")
@click.option("--operator", required=True, metavar="CODE", help="Code of whoever makes the presentation.")
@click.option("--consent", required=True, metavar="TEXT", help="Where the consent of the person is filed.")
@click.option("--place", required=True, metavar="TEXT", help="Where, and in which light.")
@click.option(
    "--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.FULL.value, show_default=True, help="As `verify`."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Makes the challenge repeatable; random without it.")
@mirror_option
@config_option
@json_option
def record(
    out: Path, camera: str | None, reference: Path, species: str, artefact: str, subject: str, operator: str, consent: str,
    place: str, mode: str, seed: int | None, mirror: Path | None, config: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Run one visit, and keep its frames, the photo and what it is, as a folder of DIR that only this user reads.

    Every presentation is kept, whatever the verdict. What fails leaves nothing behind. A person is recorded with consent only:
    the recording is as good as a photo of the face, so keep DIR encrypted, and delete it when the person asks.

    \b
    Examples:
      lifecert pad record --out trial --reference s07.jpg --species live --subject S07 --operator W1 \\
          --consent "form 12" --place "office, blinds open"
      lifecert pad record --out trial --reference s07.jpg --species vinyl_print --artefact "A3 foil, printer 2" \\
          --subject S07 --operator W1 --consent "form 12" --place office
    """
    with faults(as_json=as_json), tempfile.TemporaryDirectory() as scratch:
        from edge.evaluate.recorded.card import PresentationCard, check_card
        from edge.evaluate.recorded.collect import collect
        from edge.evaluate.recorded.replay import NO_LAMPS

        settings = load_settings(config)
        card = check_card(
            PresentationCard(
                species=species,
                artefact=artefact,
                subject=subject,
                operator=operator,
                consent=consent,
                place=place,
                camera=camera or settings.unit.camera,
                lamps=strobe_of(settings.unit.board, settings.unit.lamps).lamps or NO_LAMPS,
                mode=Mode(mode),
                nonce=secrets.token_bytes(16) if seed is None else seed.to_bytes(16, "big"),
                recorded_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                software=software_version(),
            )
        )
        engine = open_engine(store_from_environment(os.environ, mirror), settings.unit.matcher, settings.unit.texture)
        kept = collect(card, reference, out, settings, engine, Path(scratch))
    if as_json:
        print_json(_document(kept))
    else:
        click.echo(f"kept        {kept.folder}")
        click.echo(f"verdict     {kept.visit.statement.verdict.value}, {kept.visit.statement.frames} frames")


def _document(kept: Collected) -> Json:
    statement = kept.visit.statement
    return {
        "folder": str(kept.folder),
        "verdict": statement.verdict.value,
        "reasons": [reason.value for reason in statement.reasons],
        "frames": statement.frames,
    }
