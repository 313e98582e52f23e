"""Makes scenes that are small and quick: a drawn face, never a photographed one, before a camera of few pixels."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from firmware.frame import Emitter, Light
from firmware.twin.parts import Recorder
from firmware.twin.physics.geometry import Lens
from firmware.twin.physics.head import HeadShape, height_of
from firmware.twin.physics.lights import Ambient, Place
from firmware.twin.physics.motion import Expression, Pose
from firmware.twin.physics.optics import Gloss, Grid
from firmware.twin.physics.species import Species
from firmware.twin.physics.surface import Moves, Photo, Surface, plane, texture_of
from firmware.twin.scene import LampFaults, Lamps, SceneCamera, SceneLamp, Staging, Truth
from firmware.twin.staging import Casting, stage
from tests.firmware.builders import HEIGHT_PX, WIDTH_PX, Pixels, SteppingClock, write_picture

SMALL = Lens(WIDTH_PX, HEIGHT_PX, focal_px=40.0, down_px=-2.0)
POINTS = ((80, 90), (120, 90), (100, 115), (88, 131), (112, 131))
"""Of the drawn face: eyes, nose, corners of the mouth."""
NO_LIGHT = Ambient((0.0, 0.0, 0.0), 0.0, (0.0, 0.0, 1.0), 1.0)
SCENE = f'photo = "face.png"\npoints = {[list(point) for point in POINTS]}\n'


def face() -> Pixels:
    """A drawn face of 200 x 220 pixels: skin, dark eyes, a red mouth."""
    pixels = np.full((220, 200, 3), (90, 120, 160), dtype=np.uint8)
    for column, row in POINTS[:2]:
        pixels[row - 4 : row + 5, column - 7 : column + 8] = 25
    pixels[127:136, 88:113] = (50, 50, 150)
    return pixels


@cache
def texture() -> Grid:
    """The drawn face over the plane; shared, so it cannot be written to."""
    laid = texture_of(Photo(face(), np.array(POINTS, dtype=np.float32)))
    laid.setflags(write=False)
    return laid


def casting(
    species: Species = Species.LIVE,
    *,
    place: Place = Place.DARK,
    seed: int = 1,
    lens: Lens = SMALL,
    eye_distance_px: float = 10.0,
) -> Casting:
    """Somebody or something in the first variant, before a small camera."""
    return Casting(species, 0, texture(), texture(), place, 0, seed, eye_distance_px, lens=lens, ends_after_s=1.0)


def nobody_asks() -> str:
    """The word of a blank screen."""
    return ""


class Booth:
    """A scene with its camera and its lamp."""

    def __init__(
        self,
        staging: Staging | None = None,
        *,
        faults: LampFaults | None = None,
        asked: Callable[[], str] = nobody_asks,
        truth: Truth | None = None,
    ) -> None:
        self.lamps = Lamps(faults)
        self.lamp = SceneLamp(self.lamps, Recorder(SteppingClock()))
        self.camera = SceneCamera("scene:drawn.toml", staging or stage(casting()), self.lamps, asked, truth)

    def shine(self, word: str, duty_percent: int = 100) -> None:
        """Tell the lamp."""
        self.lamp.shine(Light.parse(word, duty_percent))


class Sitting:
    """Something that does one thing all the time, and remembers when it was asked what."""

    def __init__(self, pose: Pose) -> None:
        self._pose = pose
        self.asked: list[tuple[float, str]] = []

    def at(self, now_s: float, word: str) -> tuple[Pose, Expression]:
        self.asked.append((now_s, word))
        return self._pose, Expression()


def write_scene(folder: Path, text: str = SCENE) -> Path:
    """Write the drawn face and a file that describes a scene with it."""
    write_picture(folder / "face.png", face())
    path = folder / "drawn.toml"
    path.write_text(text, encoding="utf-8")
    return path


def painted(height: Grid, *, moves: Moves = Moves.NOTHING, reflectance: float = 0.5, gloss: Gloss | None = None) -> Surface:
    """A surface of one even colour that covers everything; dull where no gloss is given."""
    even = np.full((*height.shape, 4), reflectance, dtype=np.float32)
    return Surface(height, even, np.ones_like(height), gloss or Gloss(0.0, 0.3), moves=moves)


def board() -> Surface:
    """A flat surface."""
    return painted(np.zeros_like(plane()[0]))


def bust() -> Surface:
    """The average head."""
    return painted(height_of(HeadShape(), *plane()))


def full(*emitters: Emitter) -> Mapping[Emitter, float]:
    """These lamps during a whole exposure."""
    return dict.fromkeys(emitters, 1.0)
