"""Everything that a face did, in the order in which it ended: each movement is followed by itself.

Where a visit asks for one action, `actions` judges the answer; the diary asks for nothing. So one who blinks with an open mouth
is seen to do both.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from edge.flow import ActionKind, Expression
from edge.session.movements import (
    LONGEST_GAP_NS,
    MOVEMENTS,
    REMEMBERED_FRAMES,
    STRANGER,
    Movement,
    Rest,
    rest_of,
)

BACK = 0.5
"""A movement is over when so much of its largest extent is gone: lids rise slowly, and may fall again before they are up."""
RETURNS_NS = 1_000_000_000
"""The rest of the way back takes no longer; meanwhile nobody is at rest."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One movement that was seen."""

    kind: ActionKind
    start_ns: int
    end_ns: int
    """When most of the way back was done, or the face was last seen."""
    extent: float
    """The largest: degrees for the head, the share of the resting openness for the eyes, of the mouth's width for the mouth."""
    whole: bool = True
    """Whether both beginning and end were seen, and it did not last so long that it is a posture."""


class FaceDiary:
    """Writes down what one face does, frame by frame. Frames in which it was not seen are left out."""

    def __init__(self) -> None:
        self._resting: deque[Expression] = deque(maxlen=REMEMBERED_FRAMES)
        self._followers = [_Follower(kind, movement) for kind, movement in MOVEMENTS.items()]
        self._seen_ns: int | None = None

    def see(self, seen: Expression) -> tuple[Happening, ...]:
        """Take in one frame; the movements that ended with it, or broke off because the face had been out of sight."""
        anew = self._seen_ns is None or seen.captured_ns - self._seen_ns > LONGEST_GAP_NS
        broken = self._break_off() if anew else ()
        self._seen_ns = seen.captured_ns
        rest = rest_of(self._resting) if self._resting else STRANGER
        ended = [one for one in (follower.see(seen, rest, anew) for follower in self._followers) if one]
        if any(_is_posture(one) for one in ended):
            # Whoever looks so for so long rests so.
            self._resting.clear()
        # A head that is turned shows its eyes wider and its chin higher: how a face rests is seen when all of it does.
        if all(follower.at_rest for follower in self._followers):
            self._resting.append(seen)
        return (*broken, *ended)

    def close(self) -> tuple[Happening, ...]:
        """The face is gone: what was under way breaks off, and the next face is a stranger."""
        broken = self._break_off()
        self._resting.clear()
        self._seen_ns = None
        return broken

    def _break_off(self) -> tuple[Happening, ...]:
        broken = [follower.break_off() for follower in self._followers]
        return tuple(one for one in broken if one)


def _is_posture(one: Happening) -> bool:
    return one.end_ns - one.start_ns > MOVEMENTS[one.kind].longest_ms * 1_000_000


class _Follower:
    """Follows one kind of movement."""

    def __init__(self, kind: ActionKind, movement: Movement) -> None:
        self._kind, self._movement = kind, movement
        self._going: Happening | None = None
        self._lowest = 0.0
        """The least extent since the last one ended: the next begins so much above it."""
        self._back_by_ns: int | None = None
        """Until then the face may still be on its way back."""

    @property
    def at_rest(self) -> bool:
        return self._going is None and self._back_by_ns is None

    def see(self, seen: Expression, rest: Rest, anew: bool) -> Happening | None:
        extent = self._movement.extent(seen, rest)
        if self._going is None:
            self._wait(seen, extent, anew)
            return None
        going = replace(self._going, end_ns=seen.captured_ns, extent=max(self._going.extent, extent))
        stays = _is_posture(going)
        if not stays and extent >= max(self._movement.ends, BACK * going.extent):
            self._going = going
            return None
        self._lowest, self._back_by_ns = max(0.0, extent), None if stays else seen.captured_ns + RETURNS_NS
        return self._end(replace(going, whole=going.whole and not stays))

    def break_off(self) -> Happening | None:
        self._lowest, self._back_by_ns = 0.0, None
        return self._end(replace(self._going, whole=False)) if self._going else None

    def _wait(self, seen: Expression, extent: float, anew: bool) -> None:
        self._lowest = max(0.0, min(self._lowest, extent))
        if self._back_by_ns is not None and (extent < self._movement.ends or seen.captured_ns > self._back_by_ns):
            self._back_by_ns = None
        if extent - self._lowest > self._movement.begins:
            self._going = Happening(self._kind, seen.captured_ns, seen.captured_ns, extent, whole=not anew)

    def _end(self, ended: Happening) -> Happening | None:
        self._going = None
        return ended if ended.extent >= self._movement.reaches else None
