"""picamera2 without libcamera: a camera of a Raspberry Pi that obeys the calls which `firmware.pi.camera` uses.

Its buffers are few and are filled again and again, as real ones are: a frame that is looked into after its request was released
shows another picture. The same calls run on the real picamera2 in `tests/virtual_camera`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
FRAME_NS = 33_333_333


@dataclass
class Sensor:
    """What the camera is like, and what was done to it."""

    metadata: Iterator[Mapping[str, Any]]
    """One for each frame; when they are at their end, no frame comes any more."""
    properties: Mapping[str, Any] = field(default_factory=lambda: {"ColorFilterArrangement": 0})
    controls: Sequence[str] = ("ExposureTime", "AnalogueGain", "AeEnable", "AwbEnable", "ColourGains", "FrameDurationLimits")
    cameras: int = 1
    gives: Mapping[str, Any] = field(default_factory=dict)
    """What its streams have in place of what they were asked for."""
    fails_opening: Exception | None = None
    fails_starting: Exception | None = None
    told: list[Mapping[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


class FakeRequest:
    """One frame. Its buffers belong to the holder until it is released."""

    def __init__(self, camera: FakePicamera2, buffers: Mapping[str, Pixels], metadata: Mapping[str, Any]) -> None:
        self._camera, self.buffers, self._metadata = camera, buffers, metadata
        self.released = False

    def get_metadata(self) -> Mapping[str, Any]:
        return self._metadata

    def release(self) -> None:
        assert not self.released
        self.released = True
        self._camera.free.append(self.buffers)


class FakeMappedArray:
    """The pixels of one stream of a request."""

    def __init__(self, request: FakeRequest, stream: str, write: bool = True) -> None:
        assert not request.released
        assert not write
        self.array = request.buffers[stream]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing to unmap."""


class FakePicamera2:
    """One open camera."""

    def __init__(self, sensor: Sensor) -> None:
        if sensor.fails_opening is not None:
            raise RuntimeError("Camera __init__ sequence did not complete.") from sensor.fails_opening
        self.sensor, self.free = sensor, deque[Mapping[str, Pixels]]()
        self.camera_properties = sensor.properties
        self.camera_controls = dict.fromkeys(sensor.controls, (0, 1, None))
        self.allocator, self.streams = self, ["main"]
        self.started = False
        self._config: dict[str, Any] = {}
        self._levels = count(20, 20)

    def buffers(self, _stream: str) -> list[int]:
        return list(range(self._config["buffer_count"]))

    def create_preview_configuration(self, **wishes: Any) -> dict[str, Any]:
        return wishes

    def configure(self, camera_config: dict[str, Any]) -> None:
        self._config = dict(camera_config)
        for stream in ("main", "lores"):
            if stream in self._config:
                self._config[stream] = {**self._config[stream], **self.sensor.gives}
        self.sensor.told.append(camera_config["controls"])
        for _ in range(camera_config["buffer_count"]):
            self.free.append({stream: self._buffer(stream) for stream in ("main", "lores") if stream in self._config})

    def stream_configuration(self, name: str) -> Any:
        return self._config.get(name)

    def start(self) -> None:
        if self.sensor.fails_starting is not None:
            raise self.sensor.fails_starting
        self.started = True

    def capture_request(self, wait: float) -> FakeRequest:
        assert self.started
        assert wait > 0
        metadata = next(self.sensor.metadata, None)
        if metadata is None or not self.free:
            raise TimeoutError
        buffers = self.free.popleft()
        self._expose(buffers)
        return FakeRequest(self, buffers, metadata)

    def set_controls(self, controls: Mapping[str, Any]) -> None:
        assert set(controls) <= set(self.camera_controls)
        self.sensor.told.append(controls)

    def cancel_all_and_flush(self) -> None:
        self.sensor.calls.append("flush")

    def stop(self) -> None:
        self.started = False
        self.sensor.calls.append("stop")

    def close(self) -> None:
        self.sensor.calls.append("close")

    def _buffer(self, stream: str) -> Pixels:
        width, height = self._config[stream]["size"]
        # Rows of picamera2's buffers are padded.
        if self._config[stream]["format"] == "RGB888":
            return np.zeros((height, width + 8, 3), dtype=np.uint8)[:, :width]
        return np.zeros((height * 3 // 2, width + (16 if stream == "lores" else 0)), dtype=np.uint8)

    def _expose(self, buffers: Mapping[str, Pixels]) -> None:
        level = next(self._levels) % 200 + 20
        noise = np.random.default_rng(level).integers(0, 20, buffers["main"].shape[:1], dtype=np.uint8)
        for buffer in buffers.values():
            buffer[:] = level
            buffer[: len(noise)] += noise[: len(buffer)].reshape(-1, *[1] * (buffer.ndim - 1))
        if "lores" not in buffers:
            buffers["main"][len(buffers["main"]) * 2 // 3 :] = 128


class FakeLibrary:
    """The module picamera2."""

    def __init__(self, sensor: Sensor) -> None:
        self._sensor = sensor
        self.MappedArray = FakeMappedArray
        self.Picamera2 = self

    def global_camera_info(self) -> list[dict[str, Any]]:
        return [{"Num": number} for number in range(self._sensor.cameras)]

    def __call__(self, _index: int) -> FakePicamera2:
        return FakePicamera2(self._sensor)


def endless(**metadata: Any) -> Iterator[Mapping[str, Any]]:
    """The same metadata for all frames, with time stamps in a row if there is a first."""
    first = metadata.pop("SensorTimestamp", None)
    for number in count():
        yield metadata if first is None else {**metadata, "SensorTimestamp": first + number * FRAME_NS}
