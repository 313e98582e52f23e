"""Which one thing lies over a face, by all the signs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.flow import Component, Flaw
from edge.stages.bare_skin import BareSkin
from edge.stages.mesh_doubt import MeshDoubt
from edge.stages.occlusion import Hidden, cover_flaw, cover_scores
from wire.reasons import Reason

SEEN = MeshDoubt(0.01, 0.008, 0.008, 0.01, 0.008, 0.02)
BARE = BareSkin(forehead=6, chin=6, below=25, darker=False, woven=True)
SCARF = replace(BARE, chin=40, below=3)
BEARD, FOLDED, DRAWN_UP = replace(BARE, chin=30, below=3), replace(BARE, chin=40, below=14), replace(BARE, below=7)
HAT, FRINGE = replace(BARE, forehead=40, darker=True), replace(BARE, forehead=40, darker=True, woven=False)


@pytest.mark.parametrize(
    ("bareness", "doubt", "skin", "flaw"),
    [
        (0.9, SEEN, BARE, None),
        (0.1, SEEN, BARE, Flaw(Reason.FACE_MASK, 1.0)),
        (0.1, SEEN, SCARF, Flaw(Reason.OCCLUDED, 1.0)),
        (0.1, SEEN, FOLDED, Flaw(Reason.OCCLUDED, 1.0)),
        (0.1, SEEN, DRAWN_UP, Flaw(Reason.OCCLUDED, 1.0)),
        (0.1, SEEN, replace(BARE, below=14), Flaw(Reason.FACE_MASK, 1.0)),
        (0.9, replace(SEEN, mouth=0.03), BARE, Flaw(Reason.OCCLUDED, 1.0)),
        (0.9, replace(SEEN, mouth=0.018), SCARF, Flaw(Reason.OCCLUDED, 1.0)),
        (0.9, replace(SEEN, mouth=0.018), BARE, None),
        (0.9, SEEN, BEARD, None),
        (0.9, replace(SEEN, left_eye=0.05), BARE, Flaw(Reason.OCCLUDED, 1.0)),
        (0.9, SEEN, HAT, Flaw(Reason.HEAD_COVER, 1.0, blocks=False)),
        (0.9, replace(SEEN, brows=0.05), HAT, Flaw(Reason.HEAD_COVER, 1.0)),
        (0.9, SEEN, FRINGE, Flaw(Reason.HAIR_OVER_FACE, 1.0, blocks=False)),
        (0.9, replace(SEEN, right_eye=0.05), FRINGE, Flaw(Reason.HAIR_OVER_FACE, 1.0)),
        (0.9, replace(SEEN, mouth=0.03), HAT, Flaw(Reason.OCCLUDED, 1.0)),
        (0.9, replace(SEEN, brows=0.03), replace(FRINGE, forehead=17), Flaw(Reason.HAIR_OVER_FACE, 1.0, blocks=False)),
        (0.9, SEEN, replace(FRINGE, forehead=17), None),
        (0.9, replace(SEEN, left_eye=0.05), replace(BARE, forehead=17), Flaw(Reason.OCCLUDED, 1.0)),
        (0.9, replace(SEEN, mouth=0.03, brows=0.05), FRINGE, Flaw(Reason.HAIR_OVER_FACE, 1.0)),
    ],
)
def test_one_thing_is_named(bareness: float, doubt: MeshDoubt, skin: BareSkin, flaw: Flaw | None) -> None:
    assert cover_flaw(bareness, Hidden(doubt, skin)) == flaw


def test_behind_glasses_that_were_named_eyes_are_not_hidden_by_something_else() -> None:
    doubt = replace(SEEN, left_eye=0.05)

    assert cover_flaw(0.9, Hidden(doubt, BARE, glasses=True)) is None
    assert cover_flaw(0.9, Hidden(doubt, FRINGE, glasses=True)) == Flaw(Reason.HAIR_OVER_FACE, 1.0)


def test_without_signs_only_a_mask_is_known() -> None:
    assert cover_flaw(0.1, None) == Flaw(Reason.FACE_MASK, 1.0)
    assert cover_flaw(0.9, None) is None
    assert [component for component, _ in cover_scores(0.9, None)] == [Component.MOUTH_OCCLUSION]


def test_each_part_has_its_score() -> None:
    scores = dict(cover_scores(0.25, Hidden(replace(SEEN, right_eye=0.03, left_eye=0.06), BARE)))

    assert scores[Component.MOUTH_OCCLUSION] == 50
    assert scores[Component.RIGHT_EYE_VISIBLE] == 50
    assert scores[Component.LEFT_EYE_VISIBLE] == scores[Component.FACE_OCCLUSION] == 0
    assert scores[Component.HEAD_COVERINGS] > 80
