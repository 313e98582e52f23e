"""Other people's programs as further loops, where they are installed. None of them is a dependency of ours."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from edge.imaging import Pixels

NAMES = ("face_recognition", "deepface", "insightface")
ADAPTED = ("face_recognition",)
"""Those of them that `open_other` can run."""

NOT_INSTALLED, NO_ADAPTER, MEASURED = "not installed", "installed, but nothing here runs it", "measured"


def states() -> dict[str, str]:
    """What there is to say of each: whether it is installed, and whether it can be measured."""
    return {name: _state(name) for name in NAMES}


def open_other(name: str) -> Callable[[Pixels], bool]:
    """What looks at a (height, width, 3) BGR frame as such a program does, and says whether it found a face.

    `ValueError` for one that cannot be run, `ImportError` when its own libraries are missing.
    """
    if name not in ADAPTED:
        raise ValueError(f"nothing here runs {name}")
    from edge.evaluate.cost.dlib_loop import open_look

    return open_look()


def _state(name: str) -> str:
    if find_spec(name) is None:
        return NOT_INSTALLED
    return MEASURED if name in ADAPTED else NO_ADAPTER
