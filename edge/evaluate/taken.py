"""What a presentation is taken for, by what the cues say of it: shared by all that counts attacks (ISO/IEC 30107-3)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from edge.flow import CueKind, Standing

ALL_CUES = frozenset(CueKind)
Standings = Sequence[tuple[CueKind, Standing]]


class Taken(StrEnum):
    """What a presentation is taken for."""

    LIVING = "living"
    """No cue speaks against it, and all spoke."""
    ATTACK = "attack"
    """A cue speaks against it."""
    UNDONE = "undone"
    """Nothing speaks against it, but what was asked for was not done."""
    NOTHING = "no_response"
    """It could not be judged."""


def taken_for(standings: Standings, cues: frozenset[CueKind] = ALL_CUES) -> Taken:
    """What a presentation is taken for when only these cues are heard."""
    heard = {kind: standing for kind, standing in standings if kind in cues}
    action = heard.pop(CueKind.ACTION, Standing.NOT_DENIED)
    if {Standing.DENIED, Standing.BROKEN} & set(heard.values()):
        return Taken.ATTACK
    if Standing.MISSING in heard.values():
        return Taken.NOTHING
    return Taken.LIVING if action is Standing.NOT_DENIED else Taken.UNDONE
