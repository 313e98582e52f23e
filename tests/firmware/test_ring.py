"""The slots of a camera's process: none is written to while somebody looks into it, and nothing is read that is not there."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from firmware.apart.ring import RingReader, RingWriter
from firmware.errors import CameraFormatError
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr
from tests.firmware.builders import plain

SLOTS = 3


@pytest.fixture
def memory() -> Iterator[int]:
    descriptor = os.memfd_create("frames", os.MFD_ALLOW_SEALING)
    yield descriptor
    os.close(descriptor)


def _frame(level: int, width_px: int = 64, height_px: int = 48) -> Frame:
    return frame_from_bgr(plain(level, width_px, height_px), level, 0, UNKNOWN_LIGHT)


def test_each_frame_gets_a_slot_of_its_own_until_all_are_looked_into(memory: int) -> None:
    writer, reader = RingWriter("usb:0", memory, SLOTS), RingReader(memory, SLOTS)

    slots = [writer.place(_frame(level)) for level in (10, 20, 30, 40)]
    kept = [reader.planes(slot, 48, 64) for slot in range(SLOTS)]

    assert slots == [0, 1, 2, None]
    assert [(int(bgr.mean()), int(luma.mean())) for bgr, luma in filter(None, kept)] == [(10, 10), (20, 20), (30, 30)]


def test_a_slot_that_is_free_again_is_written_to_and_no_other(memory: int) -> None:
    writer, reader = RingWriter("usb:0", memory, SLOTS), RingReader(memory, SLOTS)
    for level in (10, 20, 30):
        writer.place(_frame(level))

    writer.free([1])
    again = (writer.place(_frame(40)), writer.place(_frame(50)))
    seen = [int(planes[0].mean()) for slot in range(SLOTS) if (planes := reader.planes(slot, 48, 64))]

    assert again == (1, None)
    assert seen == [10, 40, 30]


def test_what_is_read_cannot_be_written_to(memory: int) -> None:
    RingWriter("usb:0", memory, SLOTS).place(_frame(10))

    planes = RingReader(memory, SLOTS).planes(0, 48, 64)

    assert planes is not None
    assert not any(plane.flags.writeable for plane in planes)
    assert not any(np.shares_memory(planes[0], other) for other in planes[1:])


def test_a_frame_of_another_size_or_of_too_many_pixels_is_refused(memory: int) -> None:
    writer = RingWriter("usb:0", memory, SLOTS)
    huge = np.broadcast_to(np.zeros(3, dtype=np.uint8), (4001, 4000, 3))

    with pytest.raises(CameraFormatError, match=r"4000 x 4001 pixels; the limit is 16 megapixels"):
        writer.place(Frame(huge, huge[:, :, 0], 0, 0, UNKNOWN_LIGHT))
    writer.place(_frame(10))
    with pytest.raises(CameraFormatError, match="its pictures changed their size"):
        writer.place(_frame(20, 32, 24))


def test_memory_cannot_shrink_under_whoever_reads_it(memory: int) -> None:
    RingWriter("usb:0", memory, SLOTS).place(_frame(10))

    with pytest.raises(PermissionError):
        os.ftruncate(memory, 0)


@pytest.mark.parametrize(("slot", "height_px", "width_px"), [(3, 48, 64), (-1, 48, 64), (0, 480, 640), (0, 0, 64), (0, 48, -1)])
def test_nothing_is_read_that_is_not_there(memory: int, slot: int, height_px: int, width_px: int) -> None:
    RingWriter("usb:0", memory, SLOTS).place(_frame(10))

    assert RingReader(memory, SLOTS).planes(slot, height_px, width_px) is None


def test_memory_that_was_never_written_holds_no_frame(memory: int) -> None:
    assert RingReader(memory, SLOTS).planes(0, 48, 64) is None
