"""Lets picamera2 open a camera of libcamera's virtual pipeline, in every Python process of this tree; ours knows nothing of it.

Four things differ from a camera of a Raspberry Pi, and are made up for here. The pipeline knows no raw stream, which picamera2
asks of any camera. Its buffers have two planes, so libcamera allocates them instead of picamera2. libcamera 0.4 says of them
that no byte is used, so they are mapped by their length, for as long as somebody looks into them, as those of picamera2's own
allocator are. And it makes frames as fast as it is asked, a thousand a second, from before picamera2 has noted that it was
started, so they are taken a little later, as from a sensor, which exposes. A fifth, that its frames have a status that nobody
ever set, is met in `scripts/virtual-camera` by memory that begins as zeros, which says that they are good. Requests, frames,
metadata, starting and stopping are picamera2's and libcamera's own.
"""

from __future__ import annotations

import mmap
import time
from typing import Any

import libcamera
from picamera2 import Picamera2
from picamera2.allocators.allocator import Allocator, Sync
from picamera2.allocators.libcameraallocator import LibcameraAllocator
from picamera2.picamera2 import CameraManager


class _Mapping(Sync):  # type: ignore[misc]  # picamera2 has no types
    def __init__(self, allocator: Any, buffer: Any, write: bool) -> None:
        self._planes = buffer.planes

    def __enter__(self) -> mmap.mmap:
        length = sum(plane.length for plane in self._planes)
        return mmap.mmap(self._planes[0].fd, length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)

    def __exit__(self, *_: object) -> None:
        """The mapping goes with its last view."""


class _Planes(LibcameraAllocator):  # type: ignore[misc]
    def __init__(self, camera: Any) -> None:
        super().__init__(camera)
        self.sync = _Mapping


def _modes(picamera: Any) -> list[dict[str, Any]]:
    formats = picamera.camera.generate_configuration([libcamera.StreamRole.VideoRecording]).at(0).formats
    return [
        {"format": str(pixels), "size": (size.width, size.height)}
        for pixels in formats.pixel_formats
        for size in formats.sizes(pixels)
    ]


FRAME_S = 0.01
"""As from a sensor of a hundred frames a second."""

_real_init, _real_handle_request = Picamera2.__init__, CameraManager.handle_request


def _init(picamera: Any, camera_num: int = 0) -> None:
    _real_init(picamera, camera_num, allocator=Allocator())
    picamera.allocator = _Planes(picamera.camera)


def _handle_request(manager: Any, flushid: Any = None) -> None:
    time.sleep(FRAME_S)
    _real_handle_request(manager, flushid)


Picamera2._get_raw_modes = _modes
Picamera2.__init__ = _init
CameraManager.handle_request = _handle_request
