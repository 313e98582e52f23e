"""What the unit's camera sees in a visit: a recording as it is, or a person made of footage who answers the screen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording, played once."""

    recording: str
    """Relative to the mirror."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Answering:
    """What the person does when the screen shows this code."""

    code: str
    scene: Span


@dataclass(frozen=True, slots=True)
class Actor:
    """A person made of one recording, who answers the screen; docs/cameras.md describes the file."""

    recording: str
    """Relative to the mirror."""
    neutral: Span
    answers: tuple[Answering, ...]
    delay_s: float
    ends_after_s: float


Camera = Clip | Actor


def camera_words(camera: Camera, mirror: Path, folder: Path) -> str:
    """The words after `--camera`; an actor's description is written into the folder."""
    recording = (mirror / camera.recording).absolute()
    match camera:
        case Clip():
            return f"clip:{recording}"
        case Actor():
            file = folder / f"{recording.stem}.toml"
            file.write_text(actor_toml(camera, recording), encoding="utf-8")
            return f"actor:{file}"


def actor_toml(actor: Actor, recording: Path) -> str:
    """The description of a person made of footage."""
    # A JSON string is a TOML string too (TOML 1.0, basic strings).
    clip = json.dumps(str(recording), ensure_ascii=False)
    lines = [f"ends_after_s = {actor.ends_after_s}", "", "[neutral]", f"clip = {clip}", *_span(actor.neutral)]
    for answer in actor.answers:
        lines += ["", "[[action]]", f'code = "{answer.code}"', f"clip = {clip}", *_span(answer.scene)]
        lines += [f"delay_s = {actor.delay_s}"]
    return "\n".join(lines) + "\n"


def _span(span: Span) -> tuple[str, str]:
    return f"start_s = {span.start_s}", f"end_s = {span.end_s}"
