"""A unit at its post shows that it gets ready before anything of it is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edge.config import Settings, UnitSettings
from edge.panel.settings import PanelSettings
from edge.post import Options, open_post
from edge.showing.server import StageServer
from firmware.ports import View
from firmware.screen_settings import ScreenKind, ScreenSettings
from tests.edge.test_showing_server import panel_at


def options(folder: Path) -> Options:
    """A unit with a panel, which is not even enrolled."""
    panel = PanelSettings(socket=folder / "stage.sock")
    settings = Settings(unit=UnitSettings(state=folder), screen=ScreenSettings(kind=ScreenKind.PANEL), panel=panel)
    return Options(settings, "clip:none", (), None)


def test_a_panel_is_told_that_the_unit_gets_ready_before_any_network_is_open(tmp_path: Path) -> None:
    with open_post(options(tmp_path)) as post, panel_at(StageServer(tmp_path / "stage.sock")) as panel:
        shown = panel.next()

        assert isinstance(shown, View)
        assert (shown.code, shown.language, shown.choices) == ("STARTING", "zh-CN", ())
        assert post.beside().volume_percent is None


def test_it_says_so_in_the_language_of_the_unit(tmp_path: Path) -> None:
    plain = options(tmp_path)
    unit = replace(plain.settings.unit, language="en")

    with (
        open_post(replace(plain, settings=replace(plain.settings, unit=unit))),
        panel_at(StageServer(tmp_path / "stage.sock")) as panel,
    ):
        shown = panel.next()

    assert isinstance(shown, View)
    assert shown.title == "This unit is getting ready"
