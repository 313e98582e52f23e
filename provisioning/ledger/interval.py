"""When can a result have been signed? The unit's own clock may narrow the answer but never widen it (F11)."""

from __future__ import annotations

from dataclasses import dataclass

from wire.result import Clock, ClockState


@dataclass(frozen=True, slots=True)
class Interval:
    """Unix seconds, both ends included."""

    earliest_s: int
    latest_s: int


def signing_interval(ticket_issued_s: int | None, predecessor_s: int | None, received_s: int, clock: Clock) -> Interval:
    """The time in which a result was signed.

    It was signed after its ticket was issued, since it holds the nonce; after the earlier results of its unit
    (`predecessor_s`: the earliest time of the latest of them); and before it was received. A clock that says that it is
    synchronised narrows this, unless it contradicts it; then it is not believed at all.
    """
    earliest_s = min(max(ticket_issued_s or 0, predecessor_s or 0), received_s)
    if clock.state is not ClockState.SYNCED:
        return Interval(earliest_s, received_s)
    narrow = Interval(max(earliest_s, clock.issued_at_s - clock.bound_s), min(received_s, clock.issued_at_s + clock.bound_s))
    return narrow if narrow.earliest_s <= narrow.latest_s else Interval(earliest_s, received_s)
