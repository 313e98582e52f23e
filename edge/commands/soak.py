"""`lifecert soak`: a serving unit for hours, ten times as fast as life, to which faults happen; does it hold?"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.bench import data_folder
from edge.commands.console import Exit, Json, faults, json_option, mirror_option, print_json
from edge.commands.soak_unit import GALLERY, SOCKET, STATE
from edge.contact import BrokerAddress, CentreFacts, facts_json
from edge.durable_file import write_durably
from edge.engine import open_engine
from edge.evaluate.cost.duel import reference_of
from edge.evaluate.cost.footage import read_reel
from edge.identity import UNENROLLED
from edge.imaging import png_bytes
from edge.keystore import keep_unsafe_passing_keys, passing_signer
from edge.spool.spool import open_spool
from edge.state_dir import StateDir
from models.store import store_from_environment

if TYPE_CHECKING:
    from edge.evaluate.soak.findings import Course, Finding

REEL_FRAMES, FILM_FRAMES, LASTING_FRAMES = 150, 130, 400
TOLD_EVERY = 25


@click.command
@click.option(
    "--hours", type=click.FloatRange(0.01, 1000), default=2.0, show_default=True, help="How long, in hours of the soak."
)
@click.option("--speed", type=click.FloatRange(1, 50), default=10.0, show_default=True, help="So many times as fast as life.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the dice.")
@click.option("--restarts", type=click.IntRange(0, 100), default=2, show_default=True, help="Before the life that is measured.")
@click.option("--sample-s", type=click.FloatRange(0.1, 600), default=2.0, show_default=True, help="Seconds between two looks.")
@click.option("--footage", type=click.Path(path_type=Path), metavar="DIR", help="Folder with clips/ and pad/; else the mirror's.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Where the picture goes.")
@mirror_option
@json_option
def soak(
    hours: float, speed: float, seed: int, restarts: int, sample_s: float, footage: Path | None, plot: Path | None,
    mirror: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Let a unit serve for hours, while cameras, disk, network, panel and visitors fail by seeded dice. It is a simulation.

    The unit is a process of its own with the product's post, spool, networks and stage socket; camera, board, uplink and the hand
    at the panel are played. From outside its memory, descriptors, threads, children and the journal of its spool are looked at
    between visits. Hours are of the soak: two of them at ten times the speed take twelve minutes. Ends with 1 when one of the
    findings does not hold: memory grows less than 1 MB/h, nothing leaks, each attempt has one result, nobody is accepted who must
    not be.

    \b
    Examples:
      lifecert soak
      lifecert soak --hours 24 --speed 20 --seed 7 --json --plot soak.png
    """
    with faults(as_json=as_json):
        from edge.evaluate.plots import check_writable, write_plot
        from edge.evaluate.plots_soak import draw_soak
        from edge.evaluate.soak.findings import Course, findings

        if plot:
            check_writable(plot)
        course = Course(speed)
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            _run(course, Path(folder), footage or data_folder(mirror), mirror, (hours, seed, restarts, sample_s))
        found = findings(course)
        if plot:
            write_plot(plot, draw_soak(course))
    if as_json:
        print_json(_document(course, found, seed))
    else:
        for line in _lines(course, found):
            click.echo(line)
    sys.exit(Exit.REFUSED if any(one.holds is False for one in found) else Exit.DONE)


def _run(course: Course, folder: Path, footage: Path, mirror: Path | None, asked: tuple[float, int, int, float]) -> None:
    from edge.evaluate.soak.dice import visits
    from edge.evaluate.soak.panel import PanelPlayer
    from edge.evaluate.soak.process import UnitProcess
    from edge.evaluate.soak.trial import Trial
    from edge.evaluate.soak.uplink import UplinkPlayer

    hours, seed, restarts, sample_s = asked
    state = StateDir(folder / STATE)
    photos = _found(folder, state, footage, mirror)
    words = [sys.executable, "-m", "edge.commands.soak_unit", str(folder), str(course.speed), *([str(mirror)] if mirror else [])]
    with open_spool(state.spool, lambda: int(time.time())) as spool, PanelPlayer(folder / SOCKET) as panel:
        wal = state.spool.with_name(state.spool.name + "-wal")
        uplink = UplinkPlayer(spool, UNENROLLED, passing_signer(UNENROLLED), photos, lambda: int(time.time()), wal)
        trial = Trial(
            folder, uplink, panel, lambda: UnitProcess(words, os.environ), course, seed, sample_s,
            time.monotonic, time.sleep, _tell,
        )  # fmt: skip
        trial.run(visits(seed), hours * 3600 / course.speed, restarts)


def _found(folder: Path, state: StateDir, footage: Path, mirror: Path | None) -> Mapping[str, Path]:
    """Keys that nobody vouches for, a camera, and a photo of everybody; the photos by clip."""
    from edge.evaluate.soak.dice import ALL_CLIPS, LASTING, LIVING
    from edge.evaluate.soak.staged import CAMERA, film

    state.prepare()
    keep_unsafe_passing_keys(state, UNENROLLED)
    facts = CentreFacts((passing_signer(UNENROLLED).public_key,), BrokerAddress("localhost", 8883))
    write_durably(state.centre, facts_json(facts))
    for clip in ALL_CLIPS:
        _develop(footage / clip, film(folder, clip), LASTING_FRAMES if clip in LASTING else FILM_FRAMES)
    (folder / CAMERA).symlink_to(film(folder, LIVING[1]))
    gallery = folder / GALLERY
    gallery.mkdir()
    eyes = open_engine(store_from_environment(os.environ, mirror)).eyes
    photos = {}
    for clip in LIVING:
        reel = read_reel(footage / clip, REEL_FRAMES)
        photos[clip] = gallery / f"{Path(clip).stem}.png"
        photos[clip].write_bytes(png_bytes(reel.frames[reference_of(reel, eyes)[0]].bgr))
    return photos


def _develop(clip: Path, folder: Path, most: int) -> None:
    """The first pictures of a clip, one file each."""
    folder.mkdir(parents=True)
    for number, frame in enumerate(read_reel(clip, most).frames):
        (folder / f"{number:04}.png").write_bytes(png_bytes(frame.bgr))


def _tell(course: Course, left_s: float) -> None:
    if len(course.played) % TOLD_EVERY == 0:
        click.echo(f"{len(course.played)} visits; {max(0.0, left_s):.0f} s of the wall are left", err=True)


def _document(course: Course, found: tuple[Finding, ...], seed: int) -> Json:
    from edge.evaluate.soak.findings import memory_slope, verdicts

    slope = memory_slope(course)
    return {
        "simulated": True,
        "seed": seed,
        "speed": course.speed,
        "hours": round(course.hours, 4),
        "wall_s": round(course.wall_s, 1),
        "visits": len(course.played),
        "frames": sum(one.frames for one in course.played),
        "memory_mb_per_hour": slope and asdict(slope),
        "findings": [asdict(one) for one in found],
        "verdicts": {mishap.value: dict(counts) for mishap, counts in verdicts(course.played).items()},
        "vitals": [asdict(one) for one in course.vitals],
    }


def _lines(course: Course, found: tuple[Finding, ...]) -> Iterator[str]:
    from edge.evaluate.soak.findings import verdicts

    yield f"SIMULATED: {course.hours:.2f} h at {course.speed:g} times the speed of life, {len(course.played)} visits"
    for mishap, counts in verdicts(course.played).items():
        yield f"{mishap.value:24} {', '.join(f'{words} {times}' for words, times in sorted(counts.items()))}"
    for one in found:
        word = {True: "holds", False: "DOES NOT HOLD", None: "not judged"}[one.holds]
        yield f"{one.name:14} {word}: {one.words}"
