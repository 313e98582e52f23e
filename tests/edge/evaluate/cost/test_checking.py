"""What the guard counts on a clip: real visits, and a usual loop that sees a face where it is told to."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.engine import Engine
from edge.evaluate.cost import checking
from edge.evaluate.cost.checking import Cast, Checker, read_cast
from edge.evaluate.cost.naive import NaiveLoop
from edge.evaluate.cost.visits import Seal, Visitor
from edge.flow import Box, Detection
from edge.imaging import Pixels
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from tests.builders import unit_signer
from tests.edge.evaluate.cost.test_visits import FACE
from tests.edge.test_conclude import OCCASION, ORIGIN
from tests.fakes.parts import ScriptedCamera, twin_board

REEL = 40
"""Even, and shorter than a visit."""
SEEN = Detection(Box(100, 60, 90, 90), np.array([[120, 90], [160, 90], [140, 110], [125, 130], [155, 130]], np.float32), 0.9)


class EverySecond:
    """Sees a face in the reference, and in every second frame of the clip."""

    name, version = "opencv", "none"

    def __init__(self) -> None:
        self._asked = 0

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        self._asked += 1
        return (SEEN,) if self._asked == 1 or self._asked > 1 + REEL or self._asked % 2 == 0 else ()

    def real(self, texture: str, crop: Pixels) -> float:
        return 0.9

    def embed(self, crop: Pixels) -> NDArray[np.float32]:
        return np.ones(4, np.float32)


@pytest.mark.weights
@pytest.mark.footage
def test_faces_of_a_clip_are_counted_round_by_round(engine: Engine, footage_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "REEL_FRAMES", REEL)
    performer = Performer(twin_board(ScriptedCamera(lambda: iter(()))), load_catalogue("en"))
    visitor = Visitor(engine, performer, Seal(ORIGIN, OCCASION, unit_signer()), bytes(16), time.process_time_ns)
    clip = Cast(footage_dir / "clips" / "grid_lwbsza.mpg", living=True)

    (found,) = Checker(visitor, NaiveLoop(EverySecond(), FACE), 0.5, 0.5).check([clip], lambda done, of: None)

    assert found.frames > REEL
    assert found.naive_faces == (found.frames + 1) // 2
    assert found.imagined > 0.7 * (found.frames // 2)
    assert found.missed < 0.3 * found.naive_faces
    assert found.stranger is None
    assert found.same_person is not None
    assert found.same_person.naive


def test_who_lives_is_read_from_the_labels(tmp_path: Path) -> None:
    for name in ("clips/a.mp4", "clips/notes.txt", "pad/clips/b.mp4", "pad/clips/c.avi", "pad/clips/unknown.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "pad" / "labels.csv").write_text("file,label\nclips/b.mp4,live\nclips/c.avi,attack\n", encoding="utf-8")

    assert [(one.path.name, one.living) for one in read_cast(tmp_path)] == [
        ("a.mp4", True),
        ("b.mp4", True),
        ("c.avi", False),
        ("unknown.mp4", False),
    ]
