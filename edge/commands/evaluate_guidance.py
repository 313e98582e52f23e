"""`lifecert evaluate guidance`: is the right cause named, on clean portraits that are spoilt in one way each?"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.commands.console import Json, faults, json_option, mirror_option, print_json, tell_progress
from edge.commands.rate_words import share, spelled
from edge.engine import open_engine
from models.store import store_from_environment
from wire.reasons import Reason

FEW = 8
"""On so many faces the cost of grading is measured."""
Problem = tuple[Reason, Sequence[Path]]
"""What should be said of these pictures."""
PICTURES = (".jpg", ".jpeg", ".png")
SMUDGE = "smudge"
"""The way that needs many visits, and is counted apart."""

# What draws and counts needs libraries that a unit in the field lacks, so it loads only when something is measured.
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.evaluate.guidance.bench import GuidanceReport, QualityCost
    from edge.evaluate.guidance.lens import LensReport
    from edge.evaluate.guidance.photos import PhotoReport
    from models.calibration.rates import Rate


@click.command
@click.argument("portraits", type=click.Path(path_type=Path), metavar="PORTRAITS.csv")
@click.option("--images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the portraits.")
@click.option("--only", default="", metavar="TEXT", help="Take only files in whose name this stands.")
@click.option("--people", type=click.IntRange(2, 10_000), default=60, show_default=True, help="Portraits at most.")
@click.option("--way", "ways", multiple=True, metavar="WORD", help="Spoil frames in this way only; may be repeated.")
@click.option("--real", multiple=True, metavar="REASON=DIR", help="A folder of real pictures with this problem; may be repeated.")
@click.option("--photos", type=click.Path(path_type=Path), metavar="DIR", help="Photos of all kinds, in folders of DIR too.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Where the table of confusions goes.")
@mirror_option
@json_option
def guidance(
    portraits: Path,
    images: Path,
    only: str,
    people: int,
    ways: tuple[str, ...],
    real: tuple[str, ...],
    photos: Path | None,
    plot: Path | None,
    mirror: Path | None,
    as_json: bool,
) -> None:
    """Measure whether the unit names the real cause: column file, relative to DIR; portraits should be clean.

    Each person is seated before a camera, and the frame is spoilt in one way after the other, in three strengths: too dark, too
    far, out of focus and so on. What a unit would say first is held against what was done; untouched frames show false alarms.
    Real pictures are counted apart, as they are, and so are photos: of straight heads nothing should be said, and turned ones
    should be told so.

    \b
    Examples:
      lifecert evaluate guidance set/images.csv --images set/images
      lifecert evaluate guidance set/images.csv --images set/images --only p2024 --plot confusions.png --json
      lifecert evaluate guidance set/images.csv --images set/images --real FACE_MASK=set/masked --photos set/news
    """
    wanted = _Wanted(portraits, images, only, people, _ways(ways), [_problem(words) for words in real], _snapshots(photos))
    with faults(as_json=as_json):
        from edge.evaluate.plots import check_writable, write_plot
        from edge.evaluate.plots_guidance import draw_confusions

        if plot:
            check_writable(plot)
        found = _measure(wanted, mirror)
        if plot:
            write_plot(plot, draw_confusions(found.report))
    if as_json:
        print_json(_document(found))
    else:
        for line in _lines(found):
            click.echo(line)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for."""

    portraits: Path
    images: Path
    only: str
    people: int
    ways: Collection[str]
    problems: Sequence[Problem]
    photos: Sequence[Path]


@dataclass(frozen=True, slots=True)
class _Found:
    """All that is reported."""

    report: GuidanceReport
    real: Mapping[Reason, Rate]
    photos: PhotoReport | None
    lens: LensReport | None
    cost: QualityCost | None


def _measure(wanted: _Wanted, mirror: Path | None) -> _Found:
    from edge.evaluate.errors import PortraitsTooFewError
    from edge.evaluate.guidance import bench
    from edge.evaluate.guidance.lens import ask_about_lenses
    from edge.evaluate.guidance.photos import ask_about_photos
    from edge.evaluate.tables import file_inside, read_table

    rows = read_table(wanted.portraits, ("file",))
    listed = [file_inside(wanted.images, row, "file") for row in rows if wanted.only in row.text("file")]
    engine = open_engine(store_from_environment(os.environ, mirror))
    company = bench.gather(listed, wanted.people, engine)
    found = len(company.sitters)
    if found < bench.FEWEST_PEOPLE:
        raise PortraitsTooFewError(wanted.portraits, found, bench.FEWEST_PEOPLE)
    said = bench.ask_about_all(company.sitters, engine, tell_progress, wanted.ways)
    return _Found(
        bench.weigh_answers(said, found, company.left_out),
        {right: bench.ask_about_real(photos, right, engine) for right, photos in wanted.problems},
        ask_about_photos(wanted.photos, engine, tell_progress) if wanted.photos else None,
        ask_about_lenses(company.sitters) if SMUDGE in wanted.ways else None,
        bench.cost_of_grading(company.sitters[:FEW], engine, time.process_time),
    )


def _ways(words: Sequence[str]) -> frozenset[str]:
    """All of them where none is named; raises `click.BadParameter`."""
    from edge.evaluate.guidance.causes import CAUSES

    known = {*CAUSES, SMUDGE}
    unknown = sorted(set(words) - known)
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: not of {', '.join(sorted(known))}", param_hint="--way")
    return frozenset(words) or frozenset(known)


def _problem(words: str) -> Problem:
    """The reason and the pictures of a folder; raises `click.BadParameter`."""
    code, _, folder = words.partition("=")
    photos = sorted(one for one in Path(folder).glob("*") if one.suffix.lower() in PICTURES) if folder else []
    if code not in Reason.__members__ or not photos:
        said = f"{words!r} must be a reason such as FACE_MASK, =, and a folder of pictures"
        raise click.BadParameter(said, param_hint="--real")
    return Reason[code], photos


def _snapshots(folder: Path | None) -> list[Path]:
    """All pictures in a folder and its folders; raises `click.BadParameter`."""
    if folder is None:
        return []
    photos = sorted(one for one in folder.rglob("*") if one.suffix.lower() in PICTURES)
    if not photos:
        raise click.BadParameter(f"no pictures ({', '.join(PICTURES)}) in {str(folder)!r}", param_hint="--photos")
    return photos


def _document(found: _Found) -> Json:
    report = found.report
    return {
        "people": report.people,
        "left_out": report.left_out,
        "right_first": asdict(report.right_first),
        "right_in_two": asdict(report.right_in_two),
        "false_alarm": asdict(report.false_alarm),
        "false_word": asdict(report.false_word),
        "causes": {reason.value: asdict(rate) for reason, rate in _by_reason(found)},
        "ways": {
            each.cause: {
                "reason": each.right.value,
                **asdict(each.first),
                "in_two": asdict(each.in_two),
                "by_strength": [asdict(step) for step in each.by_step],
            }
            for each in report.ways
            if each.first.of
        },
        "real": {right.value: asdict(rate) for right, rate in found.real.items()},
        "photos": found.photos and {**asdict(found.photos), "words": dict(found.photos.words)},
        "lens": found.lens and _lens(found.lens),
        "grading_cpu_ms": found.cost and round(found.cost.grading_ms, 3),
        "look_cpu_ms": found.cost and round(found.cost.look_ms, 1),
        "quality_cpu_ms": found.cost and round(found.cost.per_frame_ms, 3),
        "confused": [
            {"cause": cause, "said": said or None, "times": times} for (cause, said), times in sorted(report.confused.items())
        ],
    }


def _by_reason(found: _Found) -> Iterator[tuple[Reason, Rate]]:
    yield from ((reason, rate) for reason, rate in found.report.reasons.items() if rate.of)
    if found.lens:
        yield Reason.LENS_DIRTY, found.lens.found


def _lens(lens: LensReport) -> Json:
    return {
        "reason": Reason.LENS_DIRTY.value,
        **asdict(lens.found),
        "by_strength": [asdict(step) for step in lens.by_step],
        "false_alarm": asdict(lens.false_alarm),
    }


def _lines(found: _Found) -> Iterator[str]:
    report = found.report
    yield f"{report.people} people; {report.left_out} portraits left out: no face, several, or one that is too small"
    yield f"right first   {spelled(report.right_first)}"
    yield f"right in two  {spelled(report.right_in_two)}"
    yield f"false alarm   {spelled(report.false_alarm)}"
    yield f"false word    {spelled(report.false_word)}"
    for each in (each for each in report.ways if each.first.of):
        steps = ", ".join(share(step.value) for step in each.by_step)
        first = f"first {share(each.first.value)} ({steps}), in two {share(each.in_two.value)}"
        yield f"{each.cause:10} {each.right.value:15} {first}"
    for right, rate in found.real.items():
        yield f"real       {right.value:15} first {spelled(rate)}"
    if found.lens:
        steps = ", ".join(share(step.value) for step in found.lens.by_step)
        yield f"smudge     {Reason.LENS_DIRTY.value:15} found {spelled(found.lens.found)} ({steps})"
        yield f"smudge     none            false alarm {spelled(found.lens.false_alarm)}"
    if found.photos:
        yield f"photos     straight        false alarm {spelled(found.photos.false_alarm)}"
        yield f"photos     straight        false word {spelled(found.photos.false_word)}"
        yield f"photos     turned          first {spelled(found.photos.turned)}"
    if found.cost:
        cost = found.cost
        yield f"quality     {cost.per_frame_ms:.2f} CPU-ms a frame: grading {cost.grading_ms:.2f}, a look {cost.look_ms:.1f}"
