"""What keeps a face's answer to the lamps from being judged, and whose matter it is: the place's, the lamps', or nobody's.

Whatever is found here accepts nobody; it only says what would help, and keeps a weak lamp or the sun from being called an attack.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.stages.answer import CodeAnswer
from edge.stages.face_grid import Grid
from edge.stages.lamp_response import Look, Response, explained, looks_words, slow_drift
from wire.reasons import Reason

ANSWERED = 0.35
"""Where no code, right or wrong, explains this share of the change of light, the face answers no lamp at all."""
BRIGHT_PLACE = 0.18
"""Light of the place on the face from which on it may drown the lamps: half of full scale as the camera writes it."""
LATE, LATE_BY = 0.7, 0.08
"""The lamps are late when the code explains so much, and so much more than it does in time, a part of a symbol later."""
WEAK_LAMP = 0.12
"""A lamp that gives less than this share of what the strongest gives has failed."""
NOISY_SLOPE = 0.12
"""Standard error of a typical slope from which on the relief cannot be read."""
CLIPPED = 0.4
"""Share of the face that is too bright to tell, from which on nothing is read."""
SURROUNDINGS = 0.05
"""Share of the surroundings that must answer for the lamps to be known to work."""


def hindrance_of(answer: CodeAnswer, response: Response, looks: Sequence[Look], lamps: str) -> Reason | None:
    """What stands in the way; None when the answer can be judged. See `respond` for the frames and lamps."""
    if float((response.clipped > 0.2).mean()) > CLIPPED:
        return Reason.TOO_BRIGHT
    if is_late(answer):
        return Reason.LIGHT_FAULT
    if max(answer.own, answer.best_wrong) < ANSWERED:
        return _unanswered(response, looks, lamps)
    if answer.own <= ANSWERED:
        return None
    if _failed(response, lamps):
        return Reason.LIGHT_FAULT
    return Reason.TOO_MUCH_AMBIENT if set("LR") <= set(lamps) and _slope_noise(response) > NOISY_SLOPE else None


def is_late(answer: CodeAnswer) -> bool:
    """Whether the lamps obey, but later than their log says."""
    return answer.late > max(LATE, answer.own + LATE_BY, answer.best_wrong)


def strengths_of(answer: CodeAnswer, response: Response, hindrance: Reason | None) -> dict[str, float]:
    """What each lamp gives to the brightest part of the face, linear, of full scale; empty where that cannot be told.

    It cannot in too bright a place, by a face that answers no lamp while its surroundings do, and of lamps that are late.
    """
    told = hindrance is Reason.LIGHT_FAULT or (hindrance is None and answer.own > ANSWERED)
    if not told or is_late(answer):
        return {}
    return {lamp: float(np.percentile(grid, 95)) for lamp, grid in response.lamps.items()}


def _unanswered(response: Response, looks: Sequence[Look], lamps: str) -> Reason | None:
    """The face does not answer. Where the surroundings do, that is the face's matter, and the code will deny it."""
    if _surroundings_answer(looks, lamps):
        return None
    return Reason.TOO_MUCH_AMBIENT if float(np.median(response.place)) > BRIGHT_PLACE else Reason.LIGHT_FAULT


def _surroundings_answer(looks: Sequence[Look], lamps: str) -> bool:
    around = np.stack([look.light.around for look in looks]).reshape(len(looks), -1).astype(np.float64)
    slow, words = slow_drift(looks), looks_words(looks)
    shares = [explained(around[:, [tile]], slow, words, lamps) for tile in range(around.shape[1])]
    return float(np.mean(np.array(shares) > 0.5)) > SURROUNDINGS


def _failed(response: Response, lamps: str) -> bool:
    """Whether one of several lamps gives next to nothing, anywhere on the face."""
    most = {lamp: float(np.percentile(response.lamps[lamp], 95)) for lamp in lamps}
    return max(most.values()) > 0 and min(most.values()) < WEAK_LAMP * max(most.values())


def _slope_noise(response: Response) -> float:
    both: Grid = response.lamps["L"] + response.lamps["R"]
    spread = np.hypot(response.errors["L"], response.errors["R"])
    return float(np.median(spread) / max(1e-6, float(np.percentile(both, 75))))
