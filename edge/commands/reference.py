"""`lifecert reference`: pictures that later visitors are compared with, captured on a unit while an official watches."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import click

from edge.capture import Capture, capture
from edge.commands.console import Exit, config_option, faults, json_option, mirror_option, print_json
from edge.config import load_settings
from edge.durable_file import write_durably
from edge.engine import open_engine, open_quality_probe
from edge.errors import FileNotDurableError
from edge.imaging import png_bytes
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from firmware.board import BoardKind, open_board
from firmware.clock import SystemClock
from firmware.twin.parts import Recorder
from models.store import store_from_environment
from wire.reference import ReferenceClass

MOST_PICTURES = 4


@click.group(name="reference")
def group() -> None:
    """Make the pictures that later visitors are compared with.

    \b
    Example:
      lifecert reference capture --camera usb:0 --out reference.png
    """


@group.command(name="capture")
@click.option("--camera", required=True, metavar="SPEC", help="clip:FILE, folder:DIR, usb:N, pi, jetson or actor:FILE.toml")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.png", help="Where the picture goes.")
@click.option("--count", type=click.IntRange(1, MOST_PICTURES), default=1, show_default=True, help="Pictures to keep.")
@mirror_option
@config_option
@json_option
def capture_command(camera: str, out: Path, count: int, mirror: Path | None, config: Path | None, as_json: bool) -> None:
    """Guide a person whom an official has identified, and keep the best pictures, each with its digest for a ticket.

    A print or a screen, a second face and a changed face are refused, as at a visit. With --count, FILE-2.png and so on come
    beside FILE.png. Ends with 0 when kept, 1 when refused, 2 on a fault.

    \b
    Examples:
      lifecert reference capture --camera usb:0 --out reference.png
      lifecert reference capture --camera clip:visit.mp4 --out reference.png --count 3 --json
    """
    with faults(as_json=as_json):
        if not out.parent.is_dir():
            raise FileNotDurableError(str(out), "there is no such folder")
        settings = load_settings(config)
        store = store_from_environment(os.environ, mirror)
        engine = open_engine(store, settings.unit.matcher, settings.unit.texture)
        engine = replace(engine, rules=replace(engine.rules, times=settings.times, grade=settings.grade))
        with open_board(BoardKind.TWIN, camera, Recorder(SystemClock())) as board:
            performer = Performer(board, load_catalogue(settings.unit.language))
            found = capture(engine, open_quality_probe(store), board.camera, performer, count, time.process_time_ns)
        files = _write(found, out)
    _tell(found, files, as_json=as_json)
    sys.exit(Exit.REFUSED if found.reasons else Exit.DONE)


def _write(found: Capture, out: Path) -> list[tuple[Path, str]]:
    """Each file with its SHA-256."""
    written = []
    for number, picture in enumerate(found.pictures, start=1):
        path = out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        content = png_bytes(picture)
        write_durably(path, content)
        written.append((path, hashlib.sha256(content).hexdigest()))
    return written


def _tell(found: Capture, files: list[tuple[Path, str]], *, as_json: bool) -> None:
    kept = [
        {"file": str(path), "sha256": digest, "quality": round(quality, 4)}
        for (path, digest), quality in zip(files, found.qualities, strict=True)
    ]
    if as_json:
        reasons = [reason.value for reason in found.reasons]
        print_json({"reference_class": ReferenceClass.SUPERVISED.value, "pictures": kept, "reasons": reasons})
        return
    for each in kept:
        click.echo(f"{each['file']}  sha256 {each['sha256']}  quality {each['quality']}")
    if found.reasons:
        click.echo(f"nothing was kept: {', '.join(reason.value for reason in found.reasons)}")
