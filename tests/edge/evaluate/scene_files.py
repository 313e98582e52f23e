"""Writes files that describe simulated scenes around photos of the footage; the photos stay where they are."""

from __future__ import annotations

from pathlib import Path

from edge.reference import Eyes, find_upright, only_face
from firmware.picture import read_picture


def write_scene(path: Path, photo: Path, eyes: Eyes, **lines: str | float) -> str:
    """A scene in which this face, which must be upright, is shown; the answer is its camera."""
    upright, faces = find_upright(read_picture(photo), eyes.detector)
    points = eyes.aligner.points(upright, only_face(faces)).tolist()
    told = [f"{key} = {value!r}" for key, value in {"photo": str(photo), "points": points, **lines}.items()]
    path.write_text("\n".join(told) + "\n", encoding="utf-8")
    return f"scene:{path}"
