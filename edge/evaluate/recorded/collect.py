"""Makes one presentation before a camera and keeps it: frames, photo and card, whole or not at all, for this user alone."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from edge.bench_visit import BenchVisit, run_bench_visit
from edge.config import Settings
from edge.durable_file import PRIVATE, sync_folder, write_durably
from edge.engine import Engine
from edge.evaluate.errors import FolderNotFoundError, NothingRecordedError, PresentationTakenError
from edge.evaluate.recorded.card import FILE, FRAMES, REFERENCE, PresentationCard, card_text
from edge.state_dir import PRIVATE_FOLDER
from firmware.picture import read_picture_file
from firmware.twin.keeping import KeepingCamera

HALF_MADE = ".part"


@dataclass(frozen=True, slots=True)
class Collected:
    """A presentation that is kept."""

    folder: Path
    visit: BenchVisit


def collect(card: PresentationCard, reference: Path, root: Path, settings: Settings, engine: Engine, scratch: Path) -> Collected:
    """Run the visit and keep it as a folder of `root`, named by time and species.

    What fails leaves nothing behind. Raises `FolderNotFoundError`, `PresentationTakenError`, `NothingRecordedError`,
    `FrameNotKeptError`, and the errors of camera, picture and models.
    """
    if not root.is_dir():
        raise FolderNotFoundError(root)
    folder = root / f"{card.recorded_at.replace(':', '').replace('-', '')}-{card.species}-{card.subject}"
    part = folder.with_name(folder.name + HALF_MADE)
    if folder.exists() or part.exists():
        raise PresentationTakenError(folder)
    part.mkdir(mode=PRIVATE_FOLDER)
    try:
        photo = part / f"{REFERENCE}{reference.suffix.lower()}"
        write_durably(photo, read_picture_file(reference), PRIVATE)
        visit = run_bench_visit(
            card.camera,
            reference,
            card.mode,
            card.nonce,
            settings,
            engine,
            scratch,
            lambda camera: KeepingCamera(camera, part / FRAMES),
        )
        if not visit.statement.frames:
            raise NothingRecordedError(", ".join(visit.statement.reasons))
        write_durably(part / FILE, card_text(card).encode(), PRIVATE)
        part.replace(folder)
        sync_folder(root)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Collected(folder, visit)
