"""What lies over a face, by all signs together: a mask, a scarf or a hand, a hat, hair (R15, R17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.flow import Component, Flaw
from edge.stages.bare_skin import BareSkin
from edge.stages.finding import falling, rising
from edge.stages.mesh_doubt import MeshDoubt
from wire.reasons import Reason

COVERED_BELOW = 0.25
"""A face that is bare by less wears a mask: the network is three times as sure of it. Of 19 who wear one, none reaches 0.13."""
MOUTH_DOUBT, EYES_DOUBT, BROWS_DOUBT = 0.025, 0.03, 0.035
"""Beyond them a part is hidden. Of 323 photos of elders (cut tightly, padded with grey) seven come so far, three of them turned
away; of 96 clean portraits none."""
LIKELY = 0.7
"""So much of one sign is enough where another says the same."""
COVERED_FOREHEAD, OTHER_CHIN = 20.0, 22.0
"""So far from the colour of the cheeks a forehead is covered; a chin is covered, or bearded."""
GOES_ON, GOES_ON_BELOW_CHEEKS = 9.0, 16.0
"""What is below a chin that differs by less is the same cloth: a scarf. A mask ends there, and leaves less of the cheeks bare."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """The signs of a face that is near, lit and sharp: else they mean something else."""

    doubt: MeshDoubt
    skin: BareSkin
    glasses: bool = False
    """Whether dark glasses, or a reflection in some, hide the eyes."""


def cover_flaw(bareness: float, signs: Hidden | None) -> Flaw | None:
    """The one thing that lies over the face; `bareness` of nose and mouth is 0 to 1.

    What covers no more than the forehead is worth a word and does not block: a scarf over the hair need not come off.
    """
    if signs is None:
        return Flaw(Reason.FACE_MASK, 1.0) if bareness < COVERED_BELOW else None
    doubt, skin = signs.doubt, signs.skin
    below_cheeks = skin.chin > OTHER_CHIN and skin.below < GOES_ON_BELOW_CHEEKS
    if bareness < COVERED_BELOW:
        return Flaw(Reason.OCCLUDED if below_cheeks or skin.below < GOES_ON else Reason.FACE_MASK, 1.0)
    if below_cheeks and doubt.mouth > LIKELY * MOUTH_DOUBT:
        return Flaw(Reason.OCCLUDED, 1.0)
    over_eyes = doubt.eyes > EYES_DOUBT or doubt.brows > BROWS_DOUBT
    nearly = doubt.eyes > LIKELY * EYES_DOUBT or doubt.brows > LIKELY * BROWS_DOUBT
    covered = skin.forehead > (LIKELY * COVERED_FOREHEAD if nearly and skin.darker else COVERED_FOREHEAD)
    if covered and (over_eyes or doubt.mouth < MOUTH_DOUBT):
        return Flaw(Reason.HEAD_COVER if skin.woven else Reason.HAIR_OVER_FACE, 1.0, blocks=over_eyes)
    if doubt.mouth > MOUTH_DOUBT or (doubt.eyes > EYES_DOUBT and not signs.glasses):
        return Flaw(Reason.OCCLUDED, 1.0)
    return None


def cover_scores(bareness: float, signs: Hidden | None) -> Iterator[tuple[Component, int]]:
    """How well the parts of the face are seen."""
    yield Component.MOUTH_OCCLUSION, rising(bareness, COVERED_BELOW)
    if signs is None:
        return
    doubt = signs.doubt
    worst = max(doubt.mouth / MOUTH_DOUBT, doubt.eyes / EYES_DOUBT, doubt.brows / BROWS_DOUBT)
    yield Component.FACE_OCCLUSION, falling(worst, 1.0)
    yield Component.HEAD_COVERINGS, falling(signs.skin.forehead, COVERED_FOREHEAD)
    yield Component.BROWS_VISIBLE, falling(doubt.brows, BROWS_DOUBT)
    yield Component.RIGHT_EYE_VISIBLE, falling(doubt.right_eye, EYES_DOUBT)
    yield Component.LEFT_EYE_VISIBLE, falling(doubt.left_eye, EYES_DOUBT)
    yield Component.NOSE_VISIBLE, falling(doubt.nose, EYES_DOUBT)
    yield Component.CHIN_VISIBLE, falling(doubt.chin, 3 * MOUTH_DOUBT)
