"""What a presentation is taken for: one denial is enough, and silence is neither life nor attack."""

from __future__ import annotations

import pytest

from edge.evaluate.taken import ALL_CUES, Taken, taken_for
from edge.flow import CueKind, Standing

FINE, DENIED, MISSING, BROKEN = Standing.NOT_DENIED, Standing.DENIED, Standing.MISSING, Standing.BROKEN
TEXTURE, ACTION, CODE, RELIEF = CueKind.TEXTURE, CueKind.ACTION, CueKind.CODE, CueKind.RELIEF


def standings(texture: Standing, action: Standing, code: Standing, relief: Standing) -> tuple[tuple[CueKind, Standing], ...]:
    return (TEXTURE, texture), (ACTION, action), (CODE, code), (RELIEF, relief)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (standings(FINE, FINE, FINE, FINE), Taken.LIVING),
        (standings(DENIED, FINE, FINE, FINE), Taken.ATTACK),
        (standings(FINE, FINE, DENIED, MISSING), Taken.ATTACK),
        (standings(FINE, MISSING, FINE, DENIED), Taken.ATTACK),
        (standings(FINE, FINE, BROKEN, FINE), Taken.ATTACK),
        (standings(FINE, MISSING, FINE, FINE), Taken.UNDONE),
        (standings(MISSING, FINE, FINE, FINE), Taken.NOTHING),
        (standings(FINE, MISSING, FINE, MISSING), Taken.NOTHING),
        (standings(MISSING, MISSING, DENIED, MISSING), Taken.ATTACK),
        (((TEXTURE, FINE),), Taken.LIVING),
        (((TEXTURE, FINE), (ACTION, MISSING)), Taken.UNDONE),
    ],
)
def test_standings_say_what_it_is_taken_for(said: tuple[tuple[CueKind, Standing], ...], taken: Taken) -> None:
    assert taken_for(said) is taken


@pytest.mark.parametrize(
    ("off", "said", "taken"),
    [
        (TEXTURE, standings(DENIED, FINE, FINE, FINE), Taken.LIVING),
        (CODE, standings(FINE, FINE, DENIED, FINE), Taken.LIVING),
        (CODE, standings(FINE, FINE, DENIED, DENIED), Taken.ATTACK),
        (RELIEF, standings(FINE, FINE, FINE, MISSING), Taken.LIVING),
        (ACTION, standings(FINE, MISSING, FINE, FINE), Taken.LIVING),
        (TEXTURE, standings(FINE, MISSING, FINE, FINE), Taken.UNDONE),
    ],
)
def test_a_cue_that_is_switched_off_says_nothing(off: CueKind, said: tuple[tuple[CueKind, Standing], ...], taken: Taken) -> None:
    assert taken_for(said, ALL_CUES - {off}) is taken
