"""Shows visitors themselves while the unit looks: small, seldom, mirrored, only when somebody watches. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge.imaging import mirrored_jpeg
from firmware.frame import Frame
from firmware.ports import Mirror

APART_NS = 200_000_000
"""Five pictures a second are enough to find the middle; one of them takes some 0.5 ms."""
WIDTH_PX = 320


def mirrored(frames: Iterable[Frame], mirror: Mirror) -> Iterator[Frame]:
    """The same frames; on their way, the mirror gets some of them. There are frames only once the visitor has agreed (R62)."""
    due_ns: int | None = None
    for frame in frames:
        if (due_ns is None or frame.captured_ns >= due_ns) and mirror.wanted():
            mirror.reflect(mirrored_jpeg(frame.bgr, WIDTH_PX))
            due_ns = frame.captured_ns + APART_NS
        yield frame
