"""The settings file: every value is checked, every error names file and key, and the page for people tells all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest

from edge.config import BOUNDS, Settings, UnitSettings, load_settings, read_settings
from edge.consent import ConsentSetting
from edge.engine import open_engine
from edge.errors import ConfigInvalidError
from edge.health.storage import StorageLimits
from edge.heat import HeatLimits
from edge.panel.settings import HIGHEST_PORT, LOWEST_PORT, PanelSettings, load_panel_settings
from edge.rules import GradeLimits, Times
from edge.settings_file import LARGEST_FILE_BYTES
from firmware.board import BoardKind
from firmware.dose import LightLimits
from firmware.pins import PinSettings
from firmware.screen_settings import ScreenSettings
from firmware.voice_folder import SoundSettings
from models.errors import MatcherUnknownError
from models.relief import UNSAVED
from models.store import ModelStore
from models.texture_threshold import Proven, TextureThreshold, texture_threshold_text
from wire.result import ModelUse

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
SECTIONS = {
    "unit": UnitSettings,
    "times": Times,
    "grade": GradeLimits,
    "heat": HeatLimits,
    "storage": StorageLimits,
    "pins": PinSettings,
    "light": LightLimits,
    "screen": ScreenSettings,
    "sound": SoundSettings,
    "panel": PanelSettings,
}
NUMBERS = [(section, key) for section, bounds in BOUNDS.items() for key in bounds]


def wrong(text: str) -> ConfigInvalidError:
    """The error that this text must raise."""
    with pytest.raises(ConfigInvalidError) as caught:
        read_settings("unit.toml", text)
    assert str(caught.value).startswith("unit.toml: ")
    return caught.value


def test_without_a_file_there_are_defaults_and_an_empty_file_says_the_same() -> None:
    assert load_settings(None) == read_settings("unit.toml", "") == Settings()


def test_a_setting_is_read_and_the_others_keep_their_defaults(tmp_path: Path) -> None:
    file = tmp_path / "unit.toml"
    file.write_text('[unit]\nlanguage = "en"\n[times]\nattempt_ms = 60000\n[grade]\nsharpness = 0.02\n', encoding="utf-8")

    settings = load_settings(file)

    assert settings == Settings(
        UnitSettings(language="en"), replace(Times(), attempt_ms=60_000), replace(GradeLimits(), sharpness=0.02)
    )


@pytest.mark.parametrize(("section", "key"), NUMBERS)
def test_both_ends_of_every_range_are_allowed_and_what_lies_outside_is_not(section: str, key: str) -> None:
    bound = BOUNDS[section][key]
    for inside in (bound.low, bound.high):
        read = read_settings("unit.toml", f"[{section}]\n{key} = {inside:g}")
        assert getattr(getattr(read, section), key) == inside
    for outside in (bound.low - 0.001, bound.high + 1):
        error = wrong(f"[{section}]\n{key} = {outside}")
        assert (error.key, error.where) == (f"{section}.{key}", "unit.toml")
        assert f"{bound.low:g} to {bound.high:g}" in str(error)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1", "true", '"50"', "[50]", "{ a = 1 }", "1979-05-27", "1" * 400])
@pytest.mark.parametrize(("section", "key"), NUMBERS)
def test_what_is_no_number_in_range_is_refused_by_name(section: str, key: str, value: str) -> None:
    assert wrong(f"[{section}]\n{key} = {value}").key == f"{section}.{key}"


TIMES = [(section, key) for section, key in NUMBERS if key.endswith("_ms")]


@pytest.mark.parametrize(("section", "key"), TIMES)
def test_times_are_whole_numbers(section: str, key: str) -> None:
    assert "whole number" in str(wrong(f"[{section}]\n{key} = {BOUNDS[section][key].low + 0.5}"))


def test_every_default_lies_within_its_range() -> None:
    settings = Settings()

    values = {(section, key): getattr(getattr(settings, section), key) for section, key in NUMBERS}
    outside = [
        (section, key) for (section, key), value in values.items() if value is not None and not in_range(value, section, key)
    ]

    assert outside == []
    unmeasured = [key for (_, key), value in values.items() if value is None]
    assert unmeasured == ["focal_widths", "left_mw_sr", "right_mw_sr", "top_mw_sr"]


def in_range(value: float, section: str, key: str) -> bool:
    return BOUNDS[section][key].low <= value <= BOUNDS[section][key].high


def test_no_settings_leave_no_place_for_a_face() -> None:
    assert BOUNDS["grade"]["nearest_cm"].high < BOUNDS["grade"]["farthest_cm"].low


def test_no_settings_make_a_board_hot_before_it_is_warm() -> None:
    assert BOUNDS["heat"]["warm_celsius"].high < BOUNDS["heat"]["hot_celsius"].low


def test_no_limit_can_be_set_to_nothing() -> None:
    """Flaws are measured in shares of their limit."""
    assert [key for key, bound in BOUNDS["grade"].items() if bound.low <= 0] == []


def test_every_number_has_a_range() -> None:
    for section in BOUNDS:
        assert {field.name for field in fields(SECTIONS[section])} == set(BOUNDS[section])


@pytest.mark.parametrize("section", SECTIONS)
def test_an_unknown_key_is_refused_by_name(section: str) -> None:
    error = wrong(f"[{section}]\nnonsense = 1")

    assert error.key == f"{section}.nonsense"
    assert fields(SECTIONS[section])[0].name in str(error)


@pytest.mark.parametrize("text", ["[network]\nhost = 'a'", "attempt_ms = 5000", "times = 3", "[[times]]\nattempt_ms = 5000"])
def test_an_unknown_section_is_refused_by_name(text: str) -> None:
    name = re.split(r"[^a-z_]+", text.lstrip("["))[0]

    assert wrong(text).key == f"[{name}]"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("board", '"toaster"', "'toaster' is not one of twin, usb, pi, jetson"),
        ("language", '"fr"', "'fr' is not one of zh-CN, en"),
        ("language", "7", "must be a text"),
        ("matcher", '""', "must be a text"),
        ("camera", '""', "must be a text"),
        ("camera", "0", "must be a text"),
        ("state", "false", "must be a text"),
        ("lamps", '""', "must be a text"),
        ("lamps", '"RL"', "lamps 'RL': the word must be emitters out of L, R, V, T"),
        ("lamps", '"LLR"', "each once and in this order"),
        ("lamps", '"0"', "such as LRV"),
        ("lamps", "true", "must be a text"),
        ("texture", "0.9", "must be a text"),
    ],
)
def test_a_wrong_word_is_refused_and_the_right_ones_are_told(key: str, value: str, told: str) -> None:
    error = wrong(f"[unit]\n{key} = {value}")

    assert error.key == f"unit.{key}"
    assert told in str(error)


def test_fitted_lamps_and_the_thresholds_of_a_camera_are_named_and_otherwise_nothing_is_said_of_them() -> None:
    unit = read_settings("unit.toml", '[unit]\nlamps = "LR"\ntexture = "/etc/lifecert/ov5647.toml"').unit

    assert (unit.lamps, unit.texture) == ("LR", Path("/etc/lifecert/ov5647.toml"))
    assert (UnitSettings().lamps, UnitSettings().texture) == (None, None)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        *(("port", value, "1024 to 65535") for value in ("80", "65536", "8377.0", "true", '"8377"')),
        *((key, value, "from the root") for key in ("socket", "pin") for value in ('""', '"stage.sock"', "7", '"/a\\u0000b"')),
    ],
)
def test_a_wrong_setting_of_the_panel_is_refused(key: str, value: str, told: str) -> None:
    error = wrong(f"[panel]\n{key} = {value}")

    assert error.key == f"panel.{key}"
    assert told in str(error)


def test_the_panel_reads_its_own_table_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "unit.toml"
    file.write_text("[panel]\nport = 9000\n[unit]\ncamera = 7\n", encoding="utf-8")

    assert load_panel_settings(file) == PanelSettings(port=9000)
    assert load_panel_settings(None) == PanelSettings()
    for port in (LOWEST_PORT, HIGHEST_PORT):
        assert read_settings("unit.toml", f"[panel]\nport = {port}").panel.port == port


BROKEN = [
    "[times",
    "[times]\nattempt_ms = ",
    "[times]\nattempt_ms = 5000\nattempt_ms = 6000",
    "[times]\n[times]",
    "[unit]\ncamera = 'usb:0",
    "a" * 1000,
    "[times]\nattempt_ms = " + "9" * 5000,
    "[times]\nattempt_ms = " + "[" * 20_000,
    '[unit]\ncamera = "\x00"',
]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_broken_toml_is_one_sentence(text: str) -> None:
    assert "\n" not in str(wrong(text))
    assert wrong(text).key in ("TOML", "times.attempt_ms")


def refused(file: Path) -> ConfigInvalidError:
    with pytest.raises(ConfigInvalidError) as caught:
        load_settings(file)
    assert str(file) in str(caught.value)
    return caught.value


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.toml").what == "No such file or directory"


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    assert refused(tmp_path).what == "Is a directory"


def test_a_file_of_other_bytes_than_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "unit.toml"
    file.write_bytes('[unit]\ncamera = "usb:0" # 摄像头'.encode("gb18030"))

    assert refused(file).what == "not UTF-8 text"


@pytest.mark.parametrize("filler", ["#", "像"])
def test_a_file_that_is_too_large_is_refused_and_never_read_in_part(tmp_path: Path, filler: str) -> None:
    """Bytes are counted, not letters: otherwise the end of a file of long letters would be cut off unread."""
    file = tmp_path / "unit.toml"
    comment = f"# {filler * (LARGEST_FILE_BYTES // len(filler.encode()) + 1)}\n"
    file.write_text(f"{comment}[times]\nattempt_ms = 5000\n", encoding="utf-8")

    assert refused(file).what == f"larger than {LARGEST_FILE_BYTES} bytes"


def test_a_file_of_the_largest_size_is_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "unit.toml"
    end = b"\n[times]\nattempt_ms = 5000\n"
    file.write_bytes(b"#" * (LARGEST_FILE_BYTES - len(end)) + end)

    assert load_settings(file).times.attempt_ms == 5000


def test_a_file_without_end_is_refused_without_reading_it_all() -> None:
    assert refused(Path("/dev/zero")).what == f"larger than {LARGEST_FILE_BYTES} bytes"


LINES = [field.name for field in fields(PinSettings) if field.name not in ("chip", "active_low")]
OTHER_FITTINGS = [
    '[pins]\nchip = "gpiochip4"',
    *(f'[pins]\n{line} = "17"' for line in LINES),
    '[pins]\nactive_low = "button left"',
    '[screen]\nkind = "st7789"',
    '[screen]\nbus = "spi0.1"',
    "[screen]\nrotation = 90",
    '[screen]\nfont = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"',
    '[sound]\ndevice = "default"',
    "[sound]\nvolume_percent = 80",
    '[sound]\nfolder = "/opt/voice"',
]
"""Each changes one field."""


def other_settings() -> Iterator[Settings]:
    """The defaults with one field changed, for each field."""
    yield Settings(unit=UnitSettings(board=BoardKind.USB))
    yield Settings(unit=UnitSettings(camera="usb:1"))
    yield Settings(unit=UnitSettings(state=Path("/var/lib/other")))
    yield Settings(unit=UnitSettings(language="en"))
    yield Settings(unit=UnitSettings(matcher="reid0095"))
    yield Settings(unit=UnitSettings(lamps="LRV"))
    yield Settings(unit=UnitSettings(texture=Path("ov5647.toml")))
    yield Settings(unit=UnitSettings(consent=ConsentSetting.WITNESS))
    yield Settings(unit=UnitSettings(sheet=Path("sheet.toml")))
    yield from (read_settings("unit.toml", text) for text in OTHER_FITTINGS)
    yield Settings(panel=PanelSettings(port=9000))
    yield Settings(panel=PanelSettings(socket=Path("/run/other.sock")))
    yield Settings(panel=PanelSettings(pin=Path("/var/lib/other/pin")))
    for section, key in NUMBERS:
        text = f"[{section}]\n{key} = {BOUNDS[section][key].high:g}"
        yield read_settings("unit.toml", text)


def test_every_field_changes_the_digest() -> None:
    digests = {settings.digest for settings in other_settings()}
    count = sum(len(fields(section)) for section in SECTIONS.values())

    assert len(digests) == count
    assert Settings().digest not in digests
    assert all(len(digest) == 32 for digest in digests)


def test_the_digest_is_that_of_the_values_not_of_the_spelling() -> None:
    one = read_settings("a", "[times]\nattempt_ms = 60000\n[grade]\nyaw_deg = 20")
    same = read_settings("b", "# words\n[grade]\nyaw_deg = 20.0\n[times]\nattempt_ms = 60_000")

    assert one.digest == same.digest
    assert read_settings("c", "[grade]\nyaw_deg = 19").digest == Settings().digest


@pytest.mark.weights
def test_a_unit_may_name_another_matcher_and_then_serves_only_visits_under_a_policy_for_it(model_store: ModelStore) -> None:
    settings = read_settings("unit.toml", '[unit]\nmatcher = "reid0095"')

    engine = open_engine(model_store, settings.unit.matcher)

    assert engine.embedder.identity.name == "reid0095"
    assert engine.embedder.dimension == 256


@pytest.mark.weights
def test_thresholds_of_a_camera_take_the_place_of_those_that_ship_and_their_digest_stands_in_every_result(
    model_store: ModelStore, tmp_path: Path
) -> None:
    file = tmp_path / "ov5647.toml"
    proven = Proven(0.41, living=60, refused=1, attacks=40, passed=3)
    file.write_text(texture_threshold_text(TextureThreshold("OV5647", proven, lit=None, sha256=UNSAVED)), encoding="utf-8")

    shipped, fitted = open_engine(model_store), open_engine(model_store, texture=file)

    assert (fitted.rules.thresholds.texture, fitted.rules.thresholds.texture_lit) == (0.41, shipped.rules.thresholds.texture_lit)
    assert set(fitted.models) - set(shipped.models) == {ModelUse("texture_threshold", sha256(file.read_bytes()).digest())}


@pytest.mark.weights
def test_a_matcher_that_the_manifest_does_not_list_is_refused_by_name(model_store: ModelStore) -> None:
    with pytest.raises(MatcherUnknownError, match="nobody"):
        open_engine(model_store, "nobody")
