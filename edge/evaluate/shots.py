"""Measures what several frames are worth: a visit's mean of many shots against single frames, each compared with another time.

The shots are those that a visit would take: of usable faces, so far apart. Windows of one recording overlap and their frames
look alike, so no interval is told: mean and 5th percentile describe these recordings, not people at large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.engine import Engine
from edge.evaluate.pairs import Pair, PairList, read_pairs
from edge.evaluate.portrait import Lost, embed_file, look_at
from edge.evaluate.tables import file_inside, read_table
from edge.evaluate.verification import Progress
from edge.flow import Crops
from edge.schedule import Work
from edge.stages.match import Embedding, mean_embedding
from firmware.picture_header import kind_of
from firmware.twin.camera import ClipCamera

ONLY_SHOTS = Work(texture=False, mesh=False, shot=True, light=False)
MOST_SHOTS = 120
"""Of a longer recording the first so many are taken."""

STRANGERS_FMR: Mapping[str, float] = {"1e-2": 1e-2, "1e-3": 1e-3}

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The usable faces of one file, in the order of time; a picture has at most one."""

    file: str
    stills: tuple[Embedding, ...]
    """Each frame on its own, seen both ways."""
    shots: tuple[Embedding, ...]
    """Each frame as a visit sees it, mirrored by turns."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How similarities lie."""

    mean: float | None
    """None without any pair."""
    low: float | None
    """5th percentile."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What so many shots make of the comparisons, each listed pair weighing the same."""

    shots: int
    genuine: Spread
    strangers: Mapping[str, float]
    """By the word for an FMR, the lowest threshold at which at most that share of the strangers match."""


@dataclass(frozen=True, slots=True)
class ShotReport:
    """Single frames first, then means of more and more shots."""

    pairs: int
    strangers: int
    gains: tuple[Gain, ...]
    left_out: tuple[Pair, ...]
    """Pairs of which a file shows no usable face, or too few for the largest number of shots."""


def read_recordings(path: Path, root: Path) -> PairList:
    """Read the list of pairs, all of one person; raises what `read_pairs` does, and `ListInvalidError` for two persons."""
    listed = read_pairs(path, root)
    for row, pair in zip(read_table(path, ("same",)), listed.pairs, strict=True):
        if not pair.same:
            raise row.wrong(
                "same", "a visit is compared with another time of the same person; strangers have a list of their own"
            )
    return listed


def record_all(listed: PairList, engine: Engine, apart_ms: int, progress: Progress) -> Mapping[str, Recording]:
    """Look at every listed file once; raises `FirmwareError` for one that cannot be read, `ModelError`."""
    found: dict[str, Recording] = {}
    for file in listed.files:
        found[file] = _recording(file, _crops(listed.images / file, engine, apart_ms), engine)
        progress(len(found), len(listed.files))
    return found


def read_strangers(table: Path, images: Path, engine: Engine, progress: Progress) -> tuple[Embedding, ...]:
    """Embed the pictures of other people that a table lists; those without a face are left out."""
    rows = read_table(table, ("file",))
    files = [file_inside(images, row, "file") for row in rows]
    eyes = engine.eyes
    found = []
    for number, file in enumerate(files, start=1):
        embedded = embed_file(file, eyes)
        if not isinstance(embedded, Lost):
            found.append(embedded)
        progress(number, len(files))
    return tuple(found)


def _recording(file: str, crops: Sequence[Crops], engine: Engine) -> Recording:
    stills = tuple(engine.embedder.embed_still(each) for each in crops)
    return Recording(file, stills, engine.embedder.embed_shots(crops))


def _crops(path: Path, engine: Engine, apart_ms: int) -> tuple[Crops, ...]:
    with path.open("rb") as file:
        is_picture = kind_of(file.read(12)) is not None
    if is_picture:
        portrait = look_at(path, engine.detector)
        if portrait is None:
            return ()
        return (engine.embedder.crops(portrait.bgr, engine.aligner.points(portrait.bgr, portrait.face)),)
    return _crops_of_clip(path, engine, apart_ms)


def _crops_of_clip(path: Path, engine: Engine, apart_ms: int) -> tuple[Crops, ...]:
    pipeline, kept, last_ns = engine.pipeline(), [], None
    with ClipCamera(path) as camera:
        for frame in camera.frames():
            if last_ns is not None and frame.captured_ns - last_ns < apart_ms * 1_000_000:
                continue
            shot = pipeline.observe(frame, ONLY_SHOTS).shot
            if shot:
                kept.append(shot.crops)
                last_ns = frame.captured_ns
            if len(kept) == MOST_SHOTS:
                break
    return tuple(kept)


def weigh_shots(
    listed: PairList, recordings: Mapping[str, Recording], strangers: Sequence[Embedding], sizes: Sequence[int]
) -> ShotReport:
    """Turn recordings into figures: the first file of a pair is the visit, the second the reference; two recordings
    count both ways.

    `sizes` are numbers of shots, rising, above 1. Pairs must all show one person. Strangers are stills of other people.
    """
    usable = [pair for pair in listed.pairs if len(recordings[pair.a].shots) >= max(sizes) and recordings[pair.b].stills]
    ways = [(recordings[pair.a], recordings[pair.b]) for pair in usable]
    ways += [(other, visit) for visit, other in ways if len(other.shots) >= max(sizes)]
    visits = list({visit.file: visit for visit, _ in ways}.values())
    others = np.stack(strangers) if strangers else None
    gains = []
    for size in (1, *sizes):
        spread = _spread([_alike(_probes(visit, size), other.stills) for visit, other in ways])
        gains.append(Gain(size, spread, {} if others is None else _thresholds(visits, others, size)))
    left_out = tuple(pair for pair in listed.pairs if pair not in usable)
    return ShotReport(len(usable), len(strangers), tuple(gains), left_out)


def _probes(visit: Recording, size: int) -> Sequence[Embedding]:
    """Single frames as stills, or the mean of every so many shots that follow each other."""
    if size == 1:
        return visit.stills
    return [mean_embedding(visit.shots[first : first + size]) for first in range(len(visit.shots) - size + 1)]


def _alike(ones: Sequence[Embedding], others: Sequence[Embedding]) -> Scores:
    return (np.stack(ones) @ np.stack(others).T).astype(np.float64).ravel()


def _spread(of_pairs: Sequence[Scores]) -> Spread:
    """Each pair weighs the same, however long its recordings are."""
    if not of_pairs:
        return Spread(None, None)
    means = [float(scores.mean()) for scores in of_pairs]
    lows = [float(np.percentile(scores, 5)) for scores in of_pairs]
    return Spread(float(np.mean(means)), float(np.mean(lows)))


def _thresholds(visits: Sequence[Recording], strangers: NDArray[np.float32], size: int) -> Mapping[str, float]:
    """Each visit weighs the same: its FMR is taken first, and their mean must be within what is asked."""
    scores = [np.sort(_alike(_probes(visit, size), list(map(Embedding, strangers)))) for visit in visits]
    return {word: lowest_threshold(scores, fmr) for word, fmr in STRANGERS_FMR.items()}


def lowest_threshold(of_visits: Sequence[Scores], fmr: float) -> float:
    """The lowest score at which the mean of all visits' shares is at most the FMR; each visit's scores are sorted."""
    candidates = np.unique(np.concatenate(of_visits))
    shares = np.mean([1 - np.searchsorted(scores, candidates, side="left") / scores.size for scores in of_visits], axis=0)
    reached = np.flatnonzero(shares <= fmr)
    return float(candidates[reached[0]]) if reached.size else float(np.nextafter(candidates[-1], np.inf))
