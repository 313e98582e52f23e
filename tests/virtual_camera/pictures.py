"""Draws what the first virtual camera sees: pictures that differ from each other, each with a band as bright as its number says.

usage: python tests/virtual_camera/pictures.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

COUNT = 16
"""libcamera decodes all of them into memory when it starts."""


def main(folder: Path) -> None:
    """Write 0.jpg, 1.jpg, ..."""
    folder.mkdir()
    for number in range(COUNT):
        noise = np.random.default_rng(number).integers(60, 200, (90, 160, 3), dtype=np.uint8)
        picture = cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_LINEAR)
        picture[:72] = 40 + 10 * number
        (folder / f"{number}.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
