"""A scene's file is read strictly: each wrong value is named with its table and key."""

from pathlib import Path

import numpy as np
import pytest

from firmware.errors import CameraNotFoundError, PictureNotFoundError, PictureUnreadableError, SceneInvalidError
from firmware.frame import Emitter
from firmware.twin.physics.lights import PLACE_VARIANTS, Place
from firmware.twin.physics.species import VARIANTS, Species
from firmware.twin.scene import LampFaults
from firmware.twin.scene_file import read_scene
from tests.firmware.scenes import SCENE, texture, write_scene

EVERYTHING = """
species = "mug"
variant = 23
place = "sun"
place_variant = 15
seed = 2147483647
eye_distance_px = 42
ends_after_s = 7.5

[lamps]
late_ms = 12.5
stuck = "V"
dead = "LR"
"""


def test_everything_that_is_written_is_read(tmp_path: Path) -> None:
    scene = read_scene(write_scene(tmp_path, SCENE + EVERYTHING))

    cast = scene.casting
    assert (cast.species, cast.variant) == (Species.MUG, 23)
    assert (cast.place, cast.place_variant) == (Place.SUN, 15)
    assert (cast.seed, cast.eye_distance_px, cast.ends_after_s) == (2**31 - 1, 42.0, 7.5)
    assert scene.faults == LampFaults(12.5, frozenset({Emitter.VISIBLE}), frozenset({Emitter.LEFT, Emitter.RIGHT}))


def test_a_photo_and_its_points_are_enough(tmp_path: Path) -> None:
    scene = read_scene(write_scene(tmp_path))

    cast = scene.casting
    assert (cast.species, cast.variant) == (Species.LIVE, 0)
    assert (cast.place, cast.place_variant, cast.seed) == (Place.OFFICE, 0, 0)
    assert (cast.eye_distance_px, cast.ends_after_s) == (55.0, 60.0)
    assert scene.faults == LampFaults()


def test_the_photo_is_looked_for_beside_the_file_and_laid_over_the_face(tmp_path: Path) -> None:
    scene = read_scene(write_scene(tmp_path))

    assert np.array_equal(scene.casting.face, texture())


@pytest.mark.parametrize("word", list(Species))
def test_every_species_has_its_word(tmp_path: Path, word: str) -> None:
    scene = read_scene(write_scene(tmp_path, SCENE + f'species = "{word}"\n'))

    assert scene.casting.species == word


def _points(value: str) -> str:
    return f'photo = "face.png"\npoints = {value}\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("this is [not TOML", "not a readable TOML file"),
        (b"\xff\xfe\x00", "not a readable TOML file"),
        ("", "top level, photo: a text is needed"),
        ("photo = 1\n", "top level, photo: a text is needed"),
        (SCENE + "colour = 1\n", "top level, colour: unknown key; known are ends_after_s, eye_distance_px, lamps, photo"),
        (SCENE + "x" * 20 + " = 1\n" + "y = 1\n" * 200_000, "larger than 1048576 bytes"),
        (SCENE + 'species = "ghost"\n', "top level, species: 'ghost' is not one of live, matte_print"),
        (SCENE + 'species = "LIVE"\n', "top level, species: 'LIVE' is not one of"),
        (SCENE + "species = 1\n", "top level, species: a text is needed"),
        (SCENE + 'place = "moon"\n', "top level, place: 'moon' is not one of dark, office, window, sun, warm_led"),
        (SCENE + f"variant = {VARIANTS}\n", "top level, variant: a whole number from 0 to 191"),
        (SCENE + "variant = -1\n", "top level, variant: a whole number"),
        (SCENE + "variant = 1.0\n", "top level, variant: a whole number"),
        (SCENE + "variant = true\n", "top level, variant: a whole number"),
        (SCENE + f"place_variant = {PLACE_VARIANTS}\n", "top level, place_variant: a whole number from 0 to 31"),
        (SCENE + "seed = 2147483648\n", "top level, seed: a whole number"),
        (SCENE + "seed = -1\n", "top level, seed: a whole number"),
        (SCENE + "eye_distance_px = nan\n", "top level, eye_distance_px: a number from 20 to 120"),
        (SCENE + "eye_distance_px = 19.9\n", "top level, eye_distance_px: a number from 20 to 120"),
        (SCENE + "eye_distance_px = 121\n", "top level, eye_distance_px: a number from 20 to 120"),
        (SCENE + "eye_distance_px = true\n", "top level, eye_distance_px: a number from 20 to 120"),
        (SCENE + "ends_after_s = inf\n", "top level, ends_after_s: a number of seconds"),
        (SCENE + "ends_after_s = 3601\n", "top level, ends_after_s: a number of seconds"),
        (SCENE + "lamps = 5\n", "top level, lamps: a table"),
        (SCENE + "[lamps]\nbroken = 1\n", r"\[lamps\], broken: unknown key; known are dead, late_ms, stuck, weak, weak_share"),
        (SCENE + "[lamps]\nlate_ms = -1\n", r"\[lamps\], late_ms: a number from 0 to 5000"),
        (SCENE + "[lamps]\nlate_ms = 5001\n", r"\[lamps\], late_ms: a number from 0 to 5000"),
        (SCENE + "[lamps]\nlate_ms = nan\n", r"\[lamps\], late_ms: a number from 0 to 5000"),
        (SCENE + '[lamps]\nstuck = "X"\n', r"\[lamps\], stuck: lamps 'X'"),
        (SCENE + '[lamps]\nstuck = "RL"\n', r"\[lamps\], stuck: lamps 'RL'"),
        (SCENE + '[lamps]\ndead = "LL"\n', r"\[lamps\], dead: lamps 'LL'"),
        (SCENE + '[lamps]\ndead = ""\n', r"\[lamps\], dead: a text is needed"),
        (SCENE + '[lamps]\ndead = ["L"]\n', r"\[lamps\], dead: a text is needed"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    path = write_scene(tmp_path)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(SceneInvalidError, match=sentence) as caught:
        read_scene(path)

    assert caught.value.path == path


@pytest.mark.parametrize(
    "points",
    [
        *("5", "[]", '"eyes"', "{}", "[[1, 2], [3, 4], [5, 6], [7, 8]]", "[[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12]]"),
        *("[1, 2, 3, 4, 5]", "[[1, 2], [3, 4], [5, 6], [7, 8], [9]]", "[[1, 2], [3, 4], [5, 6], [7, 8], [9, 10, 11]]"),
        *('[[1, 2], [3, 4], [5, 6], [7, 8], [9, "10"]]', "[[1, 2], [3, 4], [5, 6], [7, 8], [9, nan]]"),
        *("[[1, 2], [3, 4], [5, 6], [7, 8], [-inf, 9]]", "[[1, 2], [3, 4], [5, 6], [7, 8], [9, 1e5]]"),
    ],
)
def test_points_of_a_wrong_shape_are_named(tmp_path: Path, points: str) -> None:
    with pytest.raises(SceneInvalidError, match="top level, points: five pairs of pixels are needed"):
        read_scene(write_scene(tmp_path, _points(points)))


def test_points_are_needed(tmp_path: Path) -> None:
    with pytest.raises(SceneInvalidError, match="top level, points: five pairs"):
        read_scene(write_scene(tmp_path, 'photo = "face.png"\n'))


def test_a_missing_photo_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureNotFoundError, match=r"nobody\.png: there is no such file"):
        read_scene(write_scene(tmp_path, SCENE.replace("face.png", "nobody.png")))


def test_a_damaged_photo_is_named(tmp_path: Path) -> None:
    path = write_scene(tmp_path)
    photo = tmp_path / "face.png"
    photo.write_bytes(photo.read_bytes()[:-9])

    with pytest.raises(PictureUnreadableError, match=r"face\.png.*cut off"):
        read_scene(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraNotFoundError, match=r"nothing\.toml: there is no such file"):
        read_scene(tmp_path / "nothing.toml")
