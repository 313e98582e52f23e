"""Small screens: the real drivers' bytes are decoded back to the picture, and no word of any view is cut or left out."""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from edge.prompts.catalogue import LANGUAGES, load_catalogue
from edge.prompts.spoken import calling_staff
from firmware.clock import SystemClock
from firmware.errors import FontMissingError, ScreenFaultError
from firmware.icons import ICONS, icon_of
from firmware.pi.screen import PAGE_MS, LumaScreen, PanelLines, make_device, open_device
from firmware.pins import Line, PinFunction
from firmware.ports import View
from firmware.screen_settings import ScreenKind, ScreenSettings
from firmware.typeset import NEVER_FIRST, Page, Paper, Typeface, draw_page, find_typeface, icon_px, pages_of, words_of
from tests.firmware.builders import SteppingClock, eventually
from tests.firmware.lines import GpiodRig
from tests.firmware.wires import RecordingBus, decoded
from wire.reasons import Reason

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")  # luma calls it

SMALL = (ScreenKind.ST7789, ScreenKind.ILI9341, ScreenKind.SSD1306)
SIZES = {ScreenKind.ST7789: (240, 240), ScreenKind.ILI9341: (320, 240), ScreenKind.SSD1306: (128, 64)}
VIEW = View("ASK_NOD", "请点点头", "慢慢来。", "zh-CN")


@cache
def typeface() -> Typeface:
    return find_typeface(None)


@pytest.fixture
def face() -> Typeface:
    return typeface()


def every_view() -> Iterator[View]:
    """All that is ever on a screen."""
    for language in LANGUAGES:
        catalogue = load_catalogue(language)
        yield from catalogue.views.values()
        yield from (calling_staff(catalogue, reason) for reason in Reason)


VIEWS = tuple(every_view())
PAPERS = [(kind, turned) for kind in SMALL for turned in (False, True) if not (kind is ScreenKind.ST7789 and turned)]


def paper_of(kind: ScreenKind, turned: bool, face: Typeface) -> Paper:
    width, height = SIZES[kind]
    return Paper(height, width, face) if turned else Paper(width, height, face)


@cache
def set_all(kind: ScreenKind, turned: bool = False) -> tuple[tuple[View, Page], ...]:
    """Every view, page by page."""
    paper = paper_of(kind, turned, typeface())
    return tuple((view, page) for view in VIEWS for page in pages_of(view, paper))


def mode_of(kind: ScreenKind) -> str:
    return "1" if kind is ScreenKind.SSD1306 else "RGB"


# --- setting -------------------------------------------------------------------------------------------------------


def without_space(*texts: str) -> str:
    return "".join("".join(text.split()) for text in texts)


@pytest.mark.parametrize(("kind", "turned"), PAPERS)
def test_every_word_of_every_view_is_shown_once_and_in_order(kind: ScreenKind, turned: bool) -> None:
    shown: dict[View, str] = defaultdict(str)

    for view, page in set_all(kind, turned):
        shown[view] += without_space(*(line for block in page.blocks for line in block.lines))

    assert shown == {view: without_space(view.title, view.remedy) for view in VIEWS}


@pytest.mark.parametrize(("kind", "turned"), PAPERS)
def test_every_line_fits_between_the_margins_and_every_page_is_high_enough(
    kind: ScreenKind, turned: bool, face: Typeface
) -> None:
    paper = paper_of(kind, turned, face)
    width, height = paper.width_px - 2 * paper.margin_px, paper.height_px - 2 * paper.margin_px

    for view, page in set_all(kind, turned):
        assert sum(len(block.lines) * face.height_px(block.size_px) for block in page.blocks) <= height, view
        widths = [face.width_px(line, block.size_px) for block in page.blocks for line in block.lines]
        assert max(widths) <= width, view


@pytest.mark.parametrize(("kind", "turned"), PAPERS)
def test_no_picture_touches_the_edge_of_the_screen(kind: ScreenKind, turned: bool, face: Typeface) -> None:
    """What is cut lies on the edge."""
    paper = paper_of(kind, turned, face)

    for view, page in set_all(kind, turned):
        left, top, right, bottom = draw_page(page, paper, mode_of(kind)).convert("L").getbbox() or (0, 0, 0, 0)
        assert (left >= 1, top >= 1, right < paper.width_px, bottom < paper.height_px) == (True,) * 4, view


@pytest.mark.parametrize("kind", [ScreenKind.ST7789, ScreenKind.ILI9341])
def test_no_text_lies_over_the_sign(kind: ScreenKind, face: Typeface) -> None:
    paper = paper_of(kind, False, face)
    ends = paper.margin_px + icon_px(paper)

    for view, page in set_all(kind):
        if page.code is not None:
            whole, sign_alone = (draw_page(each, paper, "1") for each in (page, Page(page.code, ())))
            above, below = (0, 0, paper.width_px, ends), (0, ends, paper.width_px, paper.height_px)
            assert ImageChops.logical_xor(whole.crop(above), sign_alone.crop(above)).getbbox() is None, view
            assert sign_alone.crop(below).getbbox() is None, view


@pytest.mark.parametrize("kind", SMALL)
def test_no_character_is_smaller_than_its_screen_allows(kind: ScreenKind) -> None:
    least = 14 if kind is ScreenKind.SSD1306 else 24

    sizes = [block.size_px for _, page in set_all(kind) for block in page.blocks]

    assert min(sizes) >= least
    assert max(sizes) >= 2 * 14


def test_one_instruction_in_chinese_is_one_page_on_a_colour_screen() -> None:
    asked = [view for view, _ in set_all(ScreenKind.ST7789) if view.language == "zh-CN" and view.code.startswith("ASK_")]

    assert len(asked) == len(set(asked)) == 6


def test_a_mark_never_begins_a_line() -> None:
    for kind in SMALL:
        lines = [line for _, page in set_all(kind) for block in page.blocks for line in block.lines]
        assert [line for line in lines if line[0] in NEVER_FIRST] == []


def test_words_are_kept_whole_and_characters_keep_their_marks() -> None:
    assert words_of("请张开嘴，再合上。") == ("请", "张", "开", "嘴，", "再", "合", "上。")
    assert words_of("Please nod, now.") == ("Please ", "nod, ", "now.")
    assert words_of("拨打 12333 电话") == ("拨", "打 ", "12333 ", "电", "话")


@pytest.mark.parametrize("text", ["x" * 300, "长" * 400, "a b " * 200])
@pytest.mark.parametrize("kind", SMALL)
def test_a_text_that_is_far_too_long_is_paged_and_nothing_of_it_is_lost(kind: ScreenKind, text: str, face: Typeface) -> None:
    paper = paper_of(kind, False, face)

    pages = pages_of(View("X", text, text, "en"), paper)

    shown = [line for page in pages for block in page.blocks for line in block.lines]
    assert without_space(*shown) == without_space(text, text)
    assert all(face.width_px(line, paper.smallest_px) <= paper.width_px for line in shown)


def test_every_code_has_a_sign_and_left_is_not_right() -> None:
    drawn = {code: sign(code) for code in ICONS}

    left, right, up, down = (drawn[f"ASK_{what}"] for what in ("TURN_LEFT", "TURN_RIGHT", "LOOK_UP", "NOD"))
    assert unlike(left, right.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) < 0.3 < 0.5 < unlike(left, right)
    assert unlike(up, down.transpose(Image.Transpose.FLIP_TOP_BOTTOM)) < 0.3 < 0.5 < unlike(up, down)
    assert unlike(sign("TOO_DARK"), sign("NOBODY_HAS_DRAWN_THIS")) == 0
    assert unlike(sign("DONE"), sign("TOO_DARK")) > 0.2


def unlike(one: Image.Image, other: Image.Image) -> float:
    """The pixels that differ, over those that are lit in the first."""
    return ImageChops.difference(one, other).histogram()[255] / one.histogram()[255]


def sign(code: str) -> Image.Image:
    image = Image.new("L", (60, 60))
    icon_of(code)(ImageDraw.Draw(image), (0, 0), 60, 255)
    return image


# --- fonts ---------------------------------------------------------------------------------------------------------


def test_without_any_font_it_is_told_where_was_looked_and_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(FontMissingError, match=r"looked for wqy-microhei\.ttc.*install fonts-wqy-microhei"):
        find_typeface(None, [tmp_path / "wqy-microhei.ttc"])


def test_a_font_without_chinese_characters_is_refused() -> None:
    latin = next(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"))

    with pytest.raises(FontMissingError, match=r"DejaVuSans\.ttf has none"):
        find_typeface(latin)


def test_a_file_that_is_no_font_is_refused() -> None:
    with pytest.raises(FontMissingError, match="cannot be read as a font"):
        find_typeface(Path(__file__))


# --- the real drivers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SMALL)
def test_the_bytes_of_the_real_driver_are_the_picture_that_was_drawn(kind: ScreenKind, face: Typeface) -> None:
    bus, paper = RecordingBus(), paper_of(kind, False, face)
    device = make_device(ScreenSettings(kind), bus, PanelLines({}))

    for view in (VIEW, View("DONE", "办好了", "谢谢您。", "zh-CN"), View("READY", "Please sit", "", "en")):
        for page in pages_of(view, paper):
            drawn = draw_page(page, paper, mode_of(kind))
            device.display(drawn)
            assert ImageChops.difference(decoded(kind, bus).convert("L"), drawn.convert("L")).getbbox() is None


@pytest.mark.parametrize(
    ("rotation", "turn"), [(90, Image.Transpose.ROTATE_270), (180, Image.Transpose.ROTATE_180), (270, Image.Transpose.ROTATE_90)]
)
@pytest.mark.parametrize("kind", SMALL)
def test_a_rotated_screen_gets_the_rotated_picture(
    kind: ScreenKind, rotation: int, turn: Image.Transpose, face: Typeface
) -> None:
    bus = RecordingBus()
    device = make_device(ScreenSettings(kind, rotation=rotation), bus, PanelLines({}))
    paper = Paper(device.width, device.height, face)

    drawn = draw_page(pages_of(VIEW, paper)[0], paper, mode_of(kind))
    device.display(drawn)

    assert ImageChops.difference(decoded(kind, bus).convert("L"), drawn.transpose(turn).convert("L")).getbbox() is None


def shown(screen: LumaScreen, kind: ScreenKind, bus: RecordingBus, view: View, number: int, face: Typeface) -> bool:
    paper = paper_of(kind, False, face)
    wanted = draw_page(pages_of(view, paper)[number], paper, mode_of(kind)).convert("L")
    return eventually(lambda: ImageChops.difference(decoded(kind, bus).convert("L"), wanted).getbbox() is None)


@pytest.mark.parametrize("kind", SMALL)
def test_a_screen_shows_a_view_and_then_the_next(kind: ScreenKind, face: Typeface) -> None:
    bus = RecordingBus()
    screen = LumaScreen(make_device(ScreenSettings(kind), bus, PanelLines({})), face, SystemClock())
    after = View("OUT_OF_ORDER", "设备暂停使用", "", "zh-CN")

    screen.show(VIEW)
    first = shown(screen, kind, bus, VIEW, 0, face)
    screen.show(after)
    second = shown(screen, kind, bus, after, 0, face)
    screen.close()

    assert (first, second, screen.fault) == (True, True, None)
    assert bus.cleaned == 1


def test_the_pages_of_a_view_come_in_turn_and_begin_again(face: Typeface) -> None:
    bus, clock = RecordingBus(), SteppingClock()
    kind = ScreenKind.SSD1306
    screen = LumaScreen(make_device(ScreenSettings(kind), bus, PanelLines({})), face, clock)

    order = []
    for page in (0, 1, 0):
        screen.show(VIEW) if not order else clock.advance(PAGE_MS / 1000)
        screen._rhythm.wake()
        order.append(shown(screen, kind, bus, VIEW, page, face))
    screen.close()

    assert order == [True] * 3


@pytest.mark.parametrize("kind", SMALL)
def test_how_much_of_the_visit_is_done_is_a_bar_below_the_words(kind: ScreenKind, face: Typeface) -> None:
    bus, paper = RecordingBus(), paper_of(kind, False, face)
    screen = LumaScreen(make_device(ScreenSettings(kind), bus, PanelLines({})), face, SystemClock())

    screen.progress(0.1)  # before there is anything to show
    screen.show(VIEW)
    screen.progress(0.5)
    half = eventually(lambda: bar_of(decoded(kind, bus)) == paper.width_px // 2)
    screen.progress(0.0)
    none = eventually(lambda: bar_of(decoded(kind, bus)) == 0)
    screen.close()

    assert (half, none, screen.fault) == (True, True, None)


def bar_of(image: Image.Image) -> int:
    """How much of the lowest row is lit."""
    row = image.convert("L").crop((0, image.height - 1, image.width, image.height))
    return image.width - row.histogram()[0]


def test_a_screen_that_is_pulled_off_is_a_named_fault_and_nobody_waits_for_it(face: Typeface) -> None:
    bus = RecordingBus()
    screen = LumaScreen(make_device(ScreenSettings(ScreenKind.SSD1306), bus, PanelLines({})), face, SystemClock())
    bus.error = OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))

    screen.show(VIEW)
    failed = eventually(lambda: isinstance(screen.fault, ScreenFaultError))
    sentence = str(screen.fault)
    bus.error = None
    screen.show(VIEW)
    mended = eventually(lambda: screen.fault is None)
    screen.close()

    assert (failed, mended) == (True, True)
    assert "does not answer" in sentence


def test_the_lines_of_a_screen_are_driven_and_those_that_are_not_fitted_are_left_alone() -> None:

    rig = GpiodRig(SteppingClock())
    outputs = {PinFunction.SCREEN_LIGHT: rig.bank.output(Line(PinFunction.SCREEN_LIGHT, 18))}

    device = make_device(ScreenSettings(ScreenKind.ST7789), RecordingBus(), PanelLines(outputs))
    lit = rig.level(18)
    device.cleanup()

    assert (lit, rig.level(18)) == (True, False)
    rig.bank.close()


MISSING = [
    (
        ScreenSettings(ScreenKind.SSD1306, bus="i2c-9/0x3c"),
        "screen ssd1306: I2C device not found: /dev/i2c-9; is the bus switched on",
    ),
    (ScreenSettings(ScreenKind.SSD1306, bus="spi0.0"), "screen ssd1306: spi0.0 is no I2C bus; it must be like i2c-1/0x3c"),
    (ScreenSettings(ScreenKind.ST7789), "screen st7789: pins.screen_dc is not set, and no picture comes without it"),
]


@pytest.mark.parametrize(("settings", "told"), MISSING)
def test_a_screen_that_is_not_there_is_named_with_what_to_do(settings: ScreenSettings, told: str) -> None:
    with pytest.raises(ScreenFaultError) as caught:
        open_device(settings, {})

    assert str(caught.value).startswith(told)


def test_a_screen_on_spi_without_its_driver_or_its_bus_is_named() -> None:
    rig = GpiodRig(SteppingClock())

    outputs = {PinFunction.SCREEN_DC: rig.bank.output(Line(PinFunction.SCREEN_DC, 25))}

    with pytest.raises(
        ScreenFaultError, match=r"screen ili9341: .*(spidev is not installed|SPI device not found|is the bus switched on)"
    ):
        open_device(ScreenSettings(ScreenKind.ILI9341), outputs)
    rig.bank.close()
