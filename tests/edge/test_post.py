"""A unit at its post shows that it gets ready before anything of it is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.config import Settings, UnitSettings
from edge.consent import ConsentSetting
from edge.errors import ConsentUnaskableError
from edge.panel.settings import PanelSettings
from edge.post import Options, insist_on_consent, open_post
from edge.showing.server import StageServer
from firmware.board import BoardKind
from firmware.pins import PinSettings
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


def unit_with(board: BoardKind, camera: str, consent: ConsentSetting = ConsentSetting.ASK, **parts: object) -> Options:
    """A unit on this board before this camera, with these parts."""
    settings = Settings(unit=UnitSettings(board=board, consent=consent))
    return Options(replace(settings, **parts), camera, (), None)  # type: ignore[arg-type]


PANEL, BUTTON = {"screen": ScreenSettings(kind=ScreenKind.PANEL)}, {"pins": PinSettings(button="5")}


@pytest.mark.parametrize(
    ("board", "camera"),
    [(BoardKind.USB, "usb:0"), (BoardKind.PI, "pi"), (BoardKind.TWIN, "usb:0"), (BoardKind.USB, "clip:a.mp4")],
)
def test_a_unit_at_which_nobody_could_agree_does_not_start(board: BoardKind, camera: str) -> None:
    with pytest.raises(ConsentUnaskableError, match=r"unit\.consent.*screen\.kind.*pins\.button.*witness"):
        insist_on_consent(unit_with(board, camera))


@pytest.mark.parametrize(
    "unit",
    [
        *(unit_with(BoardKind.USB, "usb:0", **PANEL), unit_with(BoardKind.PI, "pi", **BUTTON)),
        *(unit_with(BoardKind.USB, "usb:0", ConsentSetting.WITNESS), unit_with(BoardKind.TWIN, "clip:a.mp4")),
    ],
)
def test_a_panel_a_button_a_worker_or_a_recording_can_answer(unit: Options) -> None:
    insist_on_consent(unit)


def test_a_post_at_which_nobody_could_agree_is_not_opened() -> None:
    with pytest.raises(ConsentUnaskableError), open_post(unit_with(BoardKind.USB, "usb:0")):
        pass
