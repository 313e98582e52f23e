"""A mode says which cues it must give and how sure the texture must be; a board says which of them it can give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.flow import CueKind, LivenessScore
from edge.rules import NOBODY_LIVES, Rules, cues_lacking, cues_of, rules_for
from tests.edge.observations import RULES
from wire.result import CUES_OF, Mode

LIT = replace(RULES, thresholds=replace(RULES.thresholds, texture_lit=LivenessScore(0.03)))
EVERY = frozenset(CueKind)


@pytest.mark.parametrize("mode", Mode)
def test_a_mode_gathers_the_cues_that_its_results_must_hold(mode: Mode) -> None:
    assert {cue.value for cue in cues_of(mode)} == CUES_OF[mode]


def test_each_mode_gathers_what_the_one_before_does_and_more() -> None:
    assert cues_of(Mode.PASSIVE) == {CueKind.TEXTURE}
    assert cues_of(Mode.ACTIVE) == {CueKind.TEXTURE, CueKind.ACTION}
    assert cues_of(Mode.FULL) == EVERY


@pytest.mark.parametrize(("mode", "texture"), [(Mode.PASSIVE, 0.9), (Mode.ACTIVE, 0.9), (Mode.FULL, 0.03)])
def test_the_texture_may_be_less_sure_only_where_the_lamps_ask_too(mode: Mode, texture: float) -> None:
    assert rules_for(LIT, mode).thresholds.texture == texture


@pytest.mark.parametrize("mode", Mode)
def test_a_mode_requires_its_cues_and_changes_nothing_else(mode: Mode) -> None:
    rules = rules_for(LIT, mode)

    assert rules.required == cues_of(mode)
    assert replace(rules, required=LIT.required, thresholds=LIT.thresholds) == LIT


def test_rules_that_were_told_nothing_about_lamps_let_nobody_live_by_them() -> None:
    limits = rules_for(RULES, Mode.FULL).thresholds

    assert (limits.texture, limits.code, limits.relief) == (NOBODY_LIVES, NOBODY_LIVES, NOBODY_LIVES)


def test_a_rule_for_no_mode_requires_the_texture() -> None:
    assert Rules("any", RULES.thresholds).required == {CueKind.TEXTURE}


@pytest.mark.parametrize(
    ("lamps", "lacking"),
    [
        ("", (CueKind.CODE, CueKind.RELIEF)),
        ("V", (CueKind.RELIEF,)),
        ("L", (CueKind.RELIEF,)),
        ("RT", (CueKind.RELIEF,)),
        ("LR", ()),
        ("LRVT", ()),
    ],
)
def test_a_code_takes_a_lamp_and_a_relief_one_at_each_side(lamps: str, lacking: tuple[CueKind, ...]) -> None:
    assert cues_lacking(EVERY, lamps) == lacking


@pytest.mark.parametrize("mode", [Mode.PASSIVE, Mode.ACTIVE])
def test_a_board_without_lamps_can_give_all_that_needs_none(mode: Mode) -> None:
    assert cues_lacking(cues_of(mode), "") == ()
