"""A simulated scene: a person or an artefact before a camera with lamps of its own. It is a simulation: label every number so.

`Scene` knows what is there; `SceneCamera` and `SceneLamp` obey the ports and share the scene's time and its log of the lamps, so
the unit commands the light and sees what it did, as with real parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from firmware.errors import LightInvalidError
from firmware.frame import DARK, Emitter, Frame, Light, frame_from_bgr
from firmware.light_log import LightLog
from firmware.twin.parts import Part, Recorder
from firmware.twin.physics.geometry import Lens, normals_of, see
from firmware.twin.physics.head import EYE_X
from firmware.twin.physics.lights import ARMS_LENGTH, Ambient, Rig
from firmware.twin.physics.motion import Expression, Pose
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.raster import blurred
from firmware.twin.physics.sensor import Noise, Sensor, develop
from firmware.twin.physics.shading import radiance
from firmware.twin.physics.surface import Surface, brightness_of
from firmware.twin.sitter import Sitter

Shining = Mapping[Emitter, float]
"""How much of an exposure each emitter was lit, times its duty, 0 to 1; emitters that stayed dark may be missing."""

FACE_LEVEL = 0.3
"""Share of white at which the face is exposed under the white lamp and one of the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Staging:
    """Everything that a scene is made of."""

    surface: Surface
    sitter: Sitter
    rest: Pose
    room: Grid
    """(h, w, 3) linear picture of what is behind, of the size of the lens."""
    ambient: Ambient
    rig: Rig = field(default_factory=Rig)
    lens: Lens = field(default_factory=Lens)
    sensor: Sensor = field(default_factory=Sensor)
    room_away_cm: float = 110.0
    frames_per_second: float = 30.0
    exposure_ms: float = 12.0
    ends_after_s: float = 60.0
    seed: int = 0
    """Of the noise."""


class Truth(Protocol):
    """What really shone during an exposure, whatever the lamps were told: the seam for broken lamps and for forged streams."""

    def __call__(self, begin_ns: int, end_ns: int) -> Shining:
        """Times are those of the scene."""
        ...


@dataclass(frozen=True, slots=True)
class LampFaults:
    """What is wrong with the lamps."""

    late_ms: float = 0.0
    """They obey so much later than their log says."""
    stuck: frozenset[Emitter] = frozenset()
    """These stay lit."""
    dead: frozenset[Emitter] = frozenset()
    """These never light."""
    weak: frozenset[Emitter] = frozenset()
    """These give only a part of their light."""
    weak_share: float = 0.5
    """What that part is, 0 to 1."""


GUARD_NS = 4_000_000
"""A lamp on a GPIO obeys within a few milliseconds of the word."""


class Lamps:
    """The lamps of a scene: what they were told and when, and what they did."""

    def __init__(self, faults: LampFaults | None = None) -> None:
        self._faults = faults or LampFaults()
        self._told: list[tuple[int, Light]] = [(-(2**62), DARK)]
        self.log = LightLog(GUARD_NS)
        self.now_ns = 0
        """Time of the scene; the camera moves it."""

    def tell(self, light: Light) -> None:
        """Give the word, now."""
        self._told.append((self.now_ns, light))
        self.log.switched(light, self.now_ns)

    def shone(self, begin_ns: int, end_ns: int) -> Shining:
        """The truth: shares of the exposure."""
        late_ns = round(self._faults.late_ms * 1e6)
        shares = dict.fromkeys(self._faults.stuck - self._faults.dead, 1.0)
        ends = [at_ns + late_ns for at_ns, _ in self._told[1:]] + [2**62]
        for (at_ns, light), until_ns in zip(self._told, ends, strict=True):
            overlap = min(end_ns, until_ns) - max(begin_ns, at_ns + late_ns)
            if overlap > 0:
                for emitter in light.emitters - self._faults.dead:
                    share = overlap / (end_ns - begin_ns) * light.duty_percent / 100 * self._strength(emitter)
                    shares[emitter] = min(1.0, shares.get(emitter, 0.0) + share)
        return shares

    def _strength(self, emitter: Emitter) -> float:
        return self._faults.weak_share if emitter in self._faults.weak else 1.0


class SceneLamp:
    """The unit's illuminator in a scene. Obeys `firmware.ports.Illuminator`, and remembers like the other parts of a twin."""

    def __init__(self, lamps: Lamps, recorder: Recorder) -> None:
        self._lamps, self._recorder = lamps, recorder
        self.light = DARK

    def shine(self, light: Light) -> None:
        """Light exactly these emitters; raises LightInvalidError for a light that is not known."""
        if not light.known:
            raise LightInvalidError(light.word, "a light that is not known cannot be switched on")
        self.light = light
        self._lamps.tell(light)
        self._recorder.note(Part.ILLUMINATOR, f"{light.word} {light.duty_percent}")

    def off(self) -> None:
        """Go dark."""
        self.shine(DARK)


class Scene:
    """Draws what the camera sees at a time under a light."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._normals = normals_of(staging.surface)
        lens = staging.lens
        self._noise = Noise(lens.height_px, lens.width_px, np.random.default_rng(staging.seed))
        self._room = _room_light(staging)
        self._gain = self._expose()

    def draw(self, pose: Pose, face: Expression, shining: Shining) -> Grid:
        """(3, h, w) light that reaches the camera."""
        staging = self._staging
        lit = [emitter for emitter, share in shining.items() if share > 0]
        power = {emitter: staging.rig.power[emitter] * shining.get(emitter, 0.0) for emitter in Emitter}
        rig = Rig(staging.rig.places, power)
        sight = see(staging.lens, staging.surface, self._normals, pose)
        near, covers = radiance(staging.lens, staging.surface, sight, lit, rig, staging.ambient, face)
        far = self._room[None] + sum((self._room[emitter] * power[emitter] for emitter in lit), np.float32(0))
        return np.asarray(far + (near - far) * covers, dtype=np.float32)

    def picture(self, at_s: float, word: str, shining: Shining) -> NDArray[np.uint8]:
        """(h, w, 3) pixels, uint8, blue first."""
        pose, face = self._staging.sitter.at(at_s, word)
        return develop(self.draw(pose, face, shining), self._gain, self._staging.sensor, self._noise.next())

    def _expose(self) -> float:
        """Like a camera that was set to the face in the unit's light, and then left alone: its gain must not follow the code."""
        lens, rest = self._staging.lens, self._staging.rest
        lit = {Emitter.LEFT: 0.3, Emitter.RIGHT: 0.3, Emitter.VISIBLE: 0.6}
        light = brightness_of(np.moveaxis(self.draw(rest, Expression(), lit), 0, 2))
        reach = EYE_X * self._staging.surface.scale / rest.away_cm * lens.focal_px
        row, column = round(lens.height_px / 2 + lens.down_px + reach), lens.width_px // 2
        half = round(1.3 * reach)
        face = light[max(0, row - half) : row + half, max(0, column - half) : column + half]
        return FACE_LEVEL / max(1e-6, float(np.mean(face)))


class SceneCamera:
    """A camera in front of a scene. Obeys `firmware.ports.Camera`; `asked` tells the word now on the screen."""

    def __init__(self, name: str, staging: Staging, lamps: Lamps, asked: Callable[[], str], truth: Truth | None = None) -> None:
        self._name, self._staging, self._asked = name, staging, asked
        self.lamps = lamps
        self._truth: Truth = truth or lamps.shone
        self._scene, self._shown, self._closed = Scene(staging), 0, False

    @property
    def name(self) -> str:
        """The words by which it was opened."""
        return self._name

    def frames(self) -> Iterator[Frame]:
        """What happens before it; whoever asks again sees how it went on, as with any live camera.

        The same staging gives the same frames, as long as the unit does the same.
        """
        staging = self._staging
        period_ns, exposure_ns = round(1e9 / staging.frames_per_second), round(staging.exposure_ms * 1e6)
        for sequence in range(round(staging.ends_after_s * staging.frames_per_second)):
            if self._closed:
                return
            begin_ns = self._shown * period_ns
            end_ns = begin_ns + exposure_ns
            pixels = self._scene.picture(begin_ns / 1e9, self._asked(), self._truth(begin_ns, end_ns))
            self.lamps.now_ns = end_ns
            self._shown += 1
            yield frame_from_bgr(pixels, begin_ns, sequence, self.lamps.log.during(begin_ns, end_ns))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed = True


def room_of(lens: Lens, dice: np.random.Generator) -> Grid:
    """What is behind: a wall with a few blurred shapes. (h, w, 3), linear."""
    wall = np.full((lens.height_px, lens.width_px, 3), dice.uniform(0.1, 0.6), dtype=np.float32)
    for _ in range(6):
        top, left = int(dice.integers(lens.height_px)), int(dice.integers(lens.width_px))
        height, width = (int(size) for size in dice.integers(30, 200, 2))
        wall[top : top + height, left : left + width] = dice.uniform(0.02, 0.8, 3)
    return blurred(wall, dice.uniform(2, 10))


ROOM_INFRARED = 0.4
"""Reflectance of walls and cloth in near-infrared: paint, wood and most dyed cloth are bright in it."""


def _room_light(staging: Staging) -> dict[Emitter | None, Grid]:
    """(3, h, w): what the room sends by the light of the place (None), and by each lamp at full power, weaker by distance."""
    weaker = (ARMS_LENGTH / (staging.room_away_cm + staging.rest.away_cm)) ** 2
    ambient = np.array(staging.ambient.visible, dtype=np.float32)
    seen = np.ascontiguousarray(np.moveaxis(staging.room, 2, 0))
    unseen = np.full(seen.shape, ROOM_INFRARED, dtype=np.float32)
    lamps: dict[Emitter | None, Grid] = {
        emitter: np.asarray((seen if emitter is Emitter.VISIBLE else unseen) * np.float32(weaker), dtype=np.float32)
        for emitter in Emitter
    }
    of_the_place = seen * ambient[:, None, None] + unseen * np.float32(staging.ambient.infrared)
    lamps[None] = np.asarray(0.8 * of_the_place, dtype=np.float32)
    return lamps
