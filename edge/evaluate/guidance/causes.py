"""Every way to spoil a frame, and what should be said of it: what people, rooms and cameras do to a picture."""

from __future__ import annotations

from collections.abc import Mapping

from edge.evaluate.guidance.camera import defocus, shake
from edge.evaluate.guidance.hand import hand
from edge.evaluate.guidance.light import backlit, bright, dark, side
from edge.evaluate.guidance.place import aside, cut, far, near, second
from edge.evaluate.guidance.spoiling import Spoiler
from edge.evaluate.guidance.worn import fringe, glare, hat, mask, scarf, sunglasses
from wire.reasons import Reason

CAUSES: Mapping[str, tuple[Reason, Spoiler]] = {
    "dark": (Reason.TOO_DARK, dark),
    "bright": (Reason.TOO_BRIGHT, bright),
    "backlit": (Reason.BACKLIT, backlit),
    "side": (Reason.SIDE_LIT, side),
    "shake": (Reason.HOLD_STILL, shake),
    "defocus": (Reason.HOLD_STILL, defocus),
    "far": (Reason.TOO_FAR, far),
    "near": (Reason.TOO_CLOSE, near),
    "cut": (Reason.CROPPED, cut),
    "aside": (Reason.OFF_CENTRE, aside),
    "second": (Reason.MULTIPLE_FACES, second),
    "mask": (Reason.FACE_MASK, mask),
    "sunglasses": (Reason.SUNGLASSES, sunglasses),
    "glare": (Reason.GLASSES_GLARE, glare),
    "hand": (Reason.OCCLUDED, hand),
    "scarf": (Reason.OCCLUDED, scarf),
    "hat": (Reason.HEAD_COVER, hat),
    "fringe": (Reason.HAIR_OVER_FACE, fringe),
}
"""Each way to spoil a frame, and what should be said of it."""
