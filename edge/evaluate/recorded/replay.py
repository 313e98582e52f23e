"""Plays recorded presentations to the present software: the attempt of the product, with what was asked for at the time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge.bench_visit import run_bench_visit
from edge.config import Settings
from edge.engine import Engine
from edge.evaluate.errors import FolderNotFoundError, PresentationInvalidError, PresentationsNotFoundError
from edge.evaluate.recorded.card import FILE, FRAMES, REFERENCE, PresentationCard, find_cards, read_card
from edge.evaluate.taken import Taken, taken_for
from edge.flow import CueKind
from firmware.strobe import read_lamps
from wire.reasons import Reason
from wire.result import Verdict

NO_LAMPS = "none"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A presentation on disk."""

    folder: Path
    card: PresentationCard
    reference: Path


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the unit makes of a presentation."""

    recorded: Recorded
    taken: Taken
    verdict: Verdict
    reasons: tuple[Reason, ...]
    texture: float | None

    @property
    def accepted(self) -> bool:
        """Whether it passed everything, the likeness to the photo included."""
        return self.verdict is Verdict.ACCEPTED


def read_recorded(root: Path) -> tuple[Recorded, ...]:
    """What lies below a folder; raises `FolderNotFoundError`, `PresentationsNotFoundError`, `PresentationInvalidError`."""
    if not root.is_dir():
        raise FolderNotFoundError(root)
    found = tuple(Recorded(folder, read_card(folder / FILE), _reference(folder)) for folder in find_cards(root))
    if not found:
        raise PresentationsNotFoundError(root)
    return found


def _reference(folder: Path) -> Path:
    photos = sorted(folder.glob(f"{REFERENCE}.*"))
    if len(photos) != 1:
        raise PresentationInvalidError(folder / FILE, REFERENCE, f"{len(photos)} photos lie beside it; exactly one is needed")
    return photos[0]


def replay_all(
    recorded: Sequence[Recorded], settings: Settings, engine: Engine, progress: Callable[[int, int], None]
) -> tuple[Replayed, ...]:
    """Play all of them. Raises the errors of frames, photos and models: a set that cannot be read is not counted in part."""
    replayed = []
    for one in recorded:
        replayed.append(replay(one, settings, engine))
        progress(len(replayed), len(recorded))
    return tuple(replayed)


def replay(recorded: Recorded, settings: Settings, engine: Engine) -> Replayed:
    """Play one."""
    card = recorded.card
    lamps = None if card.lamps == NO_LAMPS else read_lamps(card.lamps)
    fitted = replace(settings, unit=replace(settings.unit, lamps=lamps))
    with tempfile.TemporaryDirectory() as scratch:
        camera = f"folder:{recorded.folder / FRAMES}"
        visit = run_bench_visit(camera, recorded.reference, card.mode, card.nonce, fitted, engine, Path(scratch))
    verdict = visit.statement.verdict
    standings = [(one.kind, one.standing) for one in visit.findings]
    taken = Taken.NOTHING if verdict is Verdict.ABORTED or not standings else taken_for(standings)
    texture = next((float(one.score) for one in visit.findings if one.kind is CueKind.TEXTURE and one.score is not None), None)
    return Replayed(recorded, taken, verdict, visit.statement.reasons, texture)
