"""What the voice says of a screenful: the same as stands on it, in one breath."""

from __future__ import annotations

from firmware.ports import Mood, View


def spoken(view: View) -> str:
    """Title and remedy; and what is agreed to, for nobody must agree to what they cannot read (R62, R67).

    Other lines are not spoken: they hold numbers and places, which are there to be read, or copied down.
    """
    lines = view.lines if view.mood is Mood.CONSENT else ()
    return " ".join(filter(None, (view.title, *lines, view.remedy)))
