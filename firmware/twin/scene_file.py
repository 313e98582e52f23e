"""Reads FILE.toml that describes a simulated scene (see docs/cameras.md):

photo = "face.jpg"                  # relative to the TOML file
points = [[91, 110], [136, 109], [113, 136], [96, 160], [132, 160]]   # eyes, nose, corners of the mouth; pixels
species = "live"                    # or an attack, such as "vinyl_print"
variant = 3                         # which of its variants
place = "office"                    # dark, office, window, sun, warm_led
place_variant = 2
seed = 1                            # of pose, movement and noise
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware.errors import CameraNotFoundError, LampsUnknownError, SceneInvalidError
from firmware.frame import Emitter
from firmware.picture import read_picture
from firmware.strobe import read_lamps
from firmware.twin.physics.lights import PLACE_VARIANTS, Place
from firmware.twin.physics.species import VARIANTS, Species
from firmware.twin.physics.surface import Photo, texture_of
from firmware.twin.scene import LampFaults
from firmware.twin.staging import Casting
from firmware.twin.toml_table import Table, read_table

KEYS = {"photo", "points", "species", "variant", "place", "place_variant", "seed", "eye_distance_px", "ends_after_s", "lamps"}
LAMP_KEYS = {"stuck", "late_ms", "dead", "weak", "weak_share"}
POINTS = 5
LARGEST_PHOTO_PX, LEAST_EYE_DISTANCE_PX = 16_384, 8


@dataclass(frozen=True, slots=True, eq=False)
class SceneDescription:
    """What a file describes."""

    casting: Casting
    faults: LampFaults


def read_scene(path: Path) -> SceneDescription:
    """Read it; raises CameraNotFoundError, SceneInvalidError that names table, key and what it may hold, and what `read_picture`
    raises."""
    if not path.exists():
        raise CameraNotFoundError(f"scene:{path}", "there is no such file")
    root = read_table(path, SceneInvalidError)
    root.refuse_unknown(KEYS)
    face = texture_of(Photo(_photo(root), _points(root)))
    casting = Casting(
        species=Species(root.word("species", list(Species), Species.LIVE)),
        variant=root.whole("variant", 0, VARIANTS - 1, 0),
        face=face,
        behind=face,
        place=Place(root.word("place", list(Place), Place.OFFICE)),
        place_variant=root.whole("place_variant", 0, PLACE_VARIANTS - 1, 0),
        seed=root.whole("seed", 0, 2**31 - 1, 0),
        eye_distance_px=root.number("eye_distance_px", 20, 120, 55.0),
        ends_after_s=root.seconds("ends_after_s", 60.0),
    )
    return SceneDescription(casting, _faults(root.table("lamps")) if "lamps" in root.values else LampFaults())


def _faults(table: Table) -> LampFaults:
    table.refuse_unknown(LAMP_KEYS)
    stuck, dead, weak = (_emitters(table, key) for key in ("stuck", "dead", "weak"))
    return LampFaults(table.number("late_ms", 0, 5_000, 0.0), stuck, dead, weak, table.number("weak_share", 0, 1, 0.5))


def _emitters(table: Table, key: str) -> frozenset[Emitter]:
    if key not in table.values:
        return frozenset()
    try:
        return frozenset(Emitter(letter) for letter in read_lamps(table.text(key)))
    except LampsUnknownError as error:
        raise table.wrong(key, str(error)) from error


def _photo(root: Table) -> NDArray[np.uint8]:
    picture = read_picture(root.path.parent / root.text("photo"))
    if max(picture.shape) > LARGEST_PHOTO_PX:
        raise root.wrong(
            "photo", f"the photo is {picture.shape[1]} x {picture.shape[0]} px; at most {LARGEST_PHOTO_PX} are needed"
        )
    return picture


def _points(root: Table) -> NDArray[np.float32]:
    found = root.values.get("points")
    if not (isinstance(found, list) and len(found) == POINTS and all(map(_is_point, found))):
        raise root.wrong(
            "points",
            "five pairs of pixels are needed: eye at the left of the picture, eye, nose, mouth corner at the left, corner",
        )
    points = np.array(found, dtype=np.float32)
    if points[1, 0] - points[0, 0] < LEAST_EYE_DISTANCE_PX or points[3:, 1].mean() <= points[:2, 1].mean():
        raise root.wrong("points", f"the eyes must lie {LEAST_EYE_DISTANCE_PX} px apart or more, and the mouth below them")
    return points


def _is_point(value: object) -> bool:
    match value:
        case [int() | float() as x, int() | float() as y]:
            return (
                not isinstance(x, bool) and not isinstance(y, bool) and all(abs(number) <= LARGEST_PHOTO_PX for number in (x, y))
            )
    return False
