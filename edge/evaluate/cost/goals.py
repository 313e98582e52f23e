"""What is asked of the figures: hard, and better. The numbers are those of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping


def ratio_goals(opencv_version: str) -> Mapping[str, tuple[float, float]]:
    """Least ratios, hard and stretch, by name. OpenCV 5 is faster than OpenCV 4, so less is asked against it."""
    opencv = (20.0, 40.0) if int(opencv_version.partition(".")[0]) < 5 else (12.0, 24.0)
    return {"opencv": opencv, "onnxruntime": (11.0, 22.0), "idle": (20.0, 60.0), "verification": (8.0, 18.0)}


WORST_RATIO = (0.30, 0.15)
"""Most that the worst frame may cost, as a share of the middle frame of the usual loop."""
TIMES_FEWER_BYTES = 80.0
"""Of frames copied as a whole, against a copy of each of 1280 x 720."""
MEAN_MMAC, MOST_MMAC, MOVED_MB = 32.0, 320.0, 6.0
"""What the networks may take per frame, and in the frame with the most."""
READY_MS = (400.0, 200.0)
RESIDENT_MB = (150.0, 90.0)
GROWTH_MB = 1.0
"""Over 50,000 frames."""
AGE_PERIODS = (2.0, 1.0)
"""95 % of the frames are no older, in periods of the camera, when the loop takes them."""
