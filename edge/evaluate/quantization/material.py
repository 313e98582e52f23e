"""The pictures of a folder or of a list of pairs, and frames of clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.evaluate.errors import FolderNotFoundError, HeldBackSharedError
from edge.evaluate.pairs import Pair, read_pairs
from edge.imaging import Pixels
from firmware.errors import PictureTooLargeError, PictureUnreadableError
from firmware.picture import read_picture
from firmware.twin.camera import Clip
from models.digests import digest_of_file

CLIPS = (".mp4", ".mpg", ".avi", ".mov")
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
CLIP_STEP_NS = 250_000_000
"""Frames of a clip are taken so far apart: the next one is the same picture again."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture to look at."""

    name: str
    bgr: Pixels


@dataclass(frozen=True, slots=True)
class Material:
    """What one folder or list holds."""

    files: tuple[Path, ...]
    """In order, each once."""
    images: Path
    pairs: tuple[Pair, ...]
    """Empty for a folder: nobody says who is who."""

    def pictures(self) -> Iterator[Picture]:
        """All pictures, and frames of clips; a file that is none is left out."""
        for file in self.files:
            name = str(file.relative_to(self.images))
            if file.suffix.lower() in CLIPS:
                yield from _frames(name, file)
                continue
            try:
                yield Picture(name, read_picture(file))
            except (PictureUnreadableError, PictureTooLargeError):
                # Folders of pictures hold other things as well; how many were used is told.
                continue


def find_material(place: Path) -> Material:
    """A folder with all that lies below it, or a list of pairs (a, b, same) with its pictures in `images` beside it.

    Raises `FolderNotFoundError`, and as `read_pairs` does.
    """
    if place.suffix == ".csv":
        beside = place.parent / "images"
        listed = read_pairs(place, beside if beside.is_dir() else place.parent)
        return Material(tuple(listed.images / file for file in listed.files), listed.images, listed.pairs)
    if not place.is_dir():
        raise FolderNotFoundError(place)
    files = sorted(path for path in place.rglob("*") if path.suffix.lower() in (*PICTURES, *CLIPS) and path.is_file())
    return Material(tuple(files), place, ())


def insist_on_apart(one: Sequence[Material], other: Sequence[Material]) -> None:
    """Raise `HeldBackSharedError` when a file of the one is a file of the other: whoever saw it can not be judged by it."""
    used = {digest_of_file(file): file for material in one for file in material.files}
    for file in (file for material in other for file in material.files):
        twin = used.get(digest_of_file(file))
        if twin is not None:
            raise HeldBackSharedError(file, twin)


def all_pictures(materials: Sequence[Material]) -> Iterator[Picture]:
    """The pictures of all, one after the other."""
    for material in materials:
        yield from material.pictures()


def _frames(name: str, file: Path) -> Iterator[Picture]:
    next_ns = 0
    for shot in Clip(file).shots():
        if shot.at_ns >= next_ns:
            next_ns = shot.at_ns + CLIP_STEP_NS
            yield Picture(f"{name} {shot.at_ns / 1e9:.2f} s", shot.bgr)
