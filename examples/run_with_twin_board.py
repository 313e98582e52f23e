"""Open a board without hardware on a clip, and count its frames by their light.

python examples/run_with_twin_board.py visit.mp4
"""

import sys
from collections import Counter

from firmware.board import BoardKind, open_board
from firmware.clock import SystemClock
from firmware.twin.parts import Part, Recorder


def main(clip: str) -> None:
    recorder = Recorder(SystemClock())
    with open_board(BoardKind.TWIN, f"clip:{clip}", recorder) as board:
        lights = Counter(frame.light.word for frame in board.camera.frames())
    for word, frames in lights.items():
        print(f"{frames} frames, light {word}")
    print("LED:", " ".join(recorder.of(Part.LED)))


if __name__ == "__main__":
    main(sys.argv[1])
