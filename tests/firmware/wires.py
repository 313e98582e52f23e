"""A bus that remembers every byte of a screen's driver, and the memory of the screen that those bytes fill."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from firmware.screen_settings import ScreenKind

CASET, RASET, RAMWR = 0x2A, 0x2B, 0x2C
"""Column, row and write of ST7789 and ILI9341 (data sheets, 9.1.20 to 9.1.22 and 8.2.20 to 8.2.22)."""
COLUMNS, PAGES = 0x21, 0x22
"""Of SSD1306 (data sheet, table 9-1)."""


class RecordingBus:
    """Stands where luma's spi or i2c stands: command, data, cleanup."""

    def __init__(self, error: OSError | None = None) -> None:
        self.writes: list[tuple[tuple[int, ...], bytearray]] = []
        self.error = error
        self.cleaned = 0

    def command(self, *codes: int) -> None:
        if self.error:
            raise self.error
        self.writes.append((codes, bytearray()))

    def data(self, content: Sequence[int]) -> None:
        self.writes[-1][1].extend(bytes(content))

    def cleanup(self) -> None:
        self.cleaned += 1


def decoded(kind: ScreenKind, bus: RecordingBus) -> Image.Image:
    """What the screen's memory holds after all these bytes, as it is seen without rotation."""
    return _decoded_oled(bus) if kind is ScreenKind.SSD1306 else _decoded_colour(kind, bus)


def _seen_now(bus: RecordingBus) -> list[tuple[tuple[int, ...], bytes]]:
    """What was written up to now; another thread may write on."""
    return [(codes, bytes(content)) for codes, content in tuple(bus.writes)]


def _decoded_colour(kind: ScreenKind, bus: RecordingBus) -> Image.Image:
    size = (240, 240) if kind is ScreenKind.ST7789 else (320, 240)
    memory = Image.new("RGB", size, "magenta")
    window: dict[int, tuple[int, int]] = {}
    writes = _seen_now(bus)
    for number, ((code, *_rest), content) in enumerate(writes, 1):
        if code in (CASET, RASET) and len(content) == 4:
            window[code] = (content[0] << 8 | content[1], (content[2] << 8 | content[3]) + 1)
        elif code == RAMWR:
            (left, right), (top, bottom) = window[CASET], window[RASET]
            if number == len(writes) and len(content) < 3 * (right - left) * (bottom - top):
                break  # The screen's thread is still at it.
            assert len(content) == 3 * (right - left) * (bottom - top)
            memory.paste(Image.frombytes("RGB", (right - left, bottom - top), bytes(content)), (left, top))
    return memory


def _decoded_oled(bus: RecordingBus) -> Image.Image:
    memory = Image.new("1", (128, 64))
    pixels = memory.load()
    assert pixels is not None
    writes = _seen_now(bus)
    for number, (codes, content) in enumerate(writes, 1):
        if not content or (number == len(writes) and len(content) < 1024):
            continue
        assert codes[:1] == (COLUMNS,)
        assert PAGES in codes
        assert len(content) == 1024
        for at, byte in enumerate(content):
            for bit in range(8):
                pixels[at % 128, at // 128 * 8 + bit] = 255 * (byte >> bit & 1)
    return memory
