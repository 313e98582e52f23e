"""Builds recorded presentations: their cards, what became of them, and a camera that plays noise. All of it is made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.evaluate.recorded.card import PresentationCard
from edge.evaluate.recorded.replay import Recorded, Replayed
from edge.evaluate.taken import Taken
from tests.fakes.noise import picture
from wire.reasons import Reason
from wire.result import Mode, Verdict

PLACE = Path("somebody's folder")
"""Where made-up presentations lie: nowhere."""


def card(**changes: Any) -> PresentationCard:
    """The card of a living person before a lamp-less unit, with changes; another species gets an artefact."""
    artefact = "none" if changes.get("species", "live") == "live" else "A3 foil, printer 2"
    living = PresentationCard(
        species="live",
        artefact=artefact,
        subject="S07",
        operator="W1",
        consent="form 12",
        place="office, blinds open",
        camera="usb:0",
        lamps="none",
        mode=Mode.PASSIVE,
        nonce=b"\x07" * 16,
        recorded_at="2026-11-26T09:30:00Z",
        software="lifecert 0.1.0",
    )
    return replace(living, **changes)


def replayed(
    species: str = "live",
    taken: Taken = Taken.LIVING,
    *,
    accepted: bool = False,
    reasons: tuple[Reason, ...] = (),
    texture: float | None = 0.5,
    name: str = "one",
    **changes: Any,
) -> Replayed:
    """A presentation and what it was taken for."""
    recorded = Recorded(PLACE / name, card(species=species, **changes), PLACE / name / "reference.jpg")
    return Replayed(recorded, taken, Verdict.ACCEPTED if accepted else Verdict.REFUSED, reasons, texture)


def sitting(folder: Path, frames: int = 30, apart_ms: int = 100) -> str:
    """A folder of pictures, ten a second or so many; the answer is its camera."""
    folder.mkdir()
    rows = [f"{number}.png,{number * apart_ms * 1_000_000},0" for number in range(frames)]
    for number in range(frames):
        picture(folder / f"{number}.png", number)
    (folder / "frames.csv").write_text("\n".join(["file,captured_ns,light", *rows]) + "\n", encoding="utf-8")
    return f"folder:{folder}"
