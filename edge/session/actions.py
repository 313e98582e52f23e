"""Whether a visitor did what was asked, judged against their own resting face."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from edge.flow import ActionKind, ActionOutcome, Expression
from edge.session.movements import LONGEST_GAP_NS, MOVEMENTS, REMEMBERED_FRAMES, RESTING_FRAMES, Movement, Rest, rest_of

ONLY_WHEN_ASKED = frozenset({ActionKind.LOOK_UP})
"""Not watched for while something else is asked: a head bobs up before it nods."""


class ActionWatch:
    """Watches one visitor for one action, frame by frame."""

    def __init__(self, asked: ActionKind, before: ActionWatch | None = None) -> None:
        """`before` watched the same face: how that rests is known already."""
        self._asked = asked
        self._resting: deque[Expression] = deque(before._resting if before else (), maxlen=REMEMBERED_FRAMES)
        self._doing: ActionKind | None = None
        self._since_ns = 0
        self._seen_ns: int | None = None
        self.outcome = ActionOutcome.PENDING

    @property
    def asked(self) -> ActionKind:
        """The action that was asked for."""
        return self._asked

    def give_up(self) -> ActionOutcome:
        """The time is over: what was not tried was missed; a failed try keeps its own word."""
        if self.outcome is ActionOutcome.PENDING:
            self.outcome = ActionOutcome.MISSED
        return self.outcome

    def see(self, seen: Expression) -> ActionOutcome:
        """Take in one frame. DONE stays; a failed try is reported until the next one ends."""
        if self.outcome is ActionOutcome.DONE:
            return self.outcome
        if self._seen_ns is not None and seen.captured_ns - self._seen_ns > LONGEST_GAP_NS:
            self._doing = None
        self._seen_ns = seen.captured_ns
        if len(self._resting) >= RESTING_FRAMES:
            self._follow(seen, rest_of(self._resting))
        if self._doing is None:
            self._resting.append(seen)
        return self.outcome

    def _begun(self, seen: Expression, rest: Rest) -> ActionKind | None:
        watched = (kind for kind in MOVEMENTS if kind is self._asked or kind not in ONLY_WHEN_ASKED)
        return next((kind for kind in watched if MOVEMENTS[kind].extent(seen, rest) > MOVEMENTS[kind].begins), None)

    def _follow(self, seen: Expression, rest: Rest) -> None:
        if self._doing is None or self._blinks_by_the_way:
            begun = self._begun(seen, rest)
            if begun is not None and begun is not self._doing:
                self._doing, self._since_ns = begun, seen.captured_ns
                return
        if self._doing is None:
            return
        movement = MOVEMENTS[self._doing]
        if movement.extent(seen, rest) < movement.ends:
            done, self._doing = self._doing, None
            self._judge(done, movement, (seen.captured_ns - self._since_ns) // 1_000_000)

    @property
    def _blinks_by_the_way(self) -> bool:
        """Whoever turns the head blinks as they begin, and eyes that look sideways seem narrow: that must not hide the turn."""
        return self._doing is ActionKind.BLINK and self._asked is not ActionKind.BLINK

    def _judge(self, kind: ActionKind, movement: Movement, lasted_ms: int) -> None:
        if kind is not self._asked:
            # People blink all the time without being asked: that is no answer to another question.
            if kind is not ActionKind.BLINK:
                self.outcome = ActionOutcome.WRONG
        elif lasted_ms < movement.shortest_ms:
            self.outcome = ActionOutcome.TOO_FAST
        elif lasted_ms > movement.longest_ms:
            self.outcome = ActionOutcome.TOO_SLOW
        else:
            self.outcome = ActionOutcome.DONE


class ActionCourse:
    """The actions of one visit, asked for one after the other, each with its own time."""

    def __init__(self, asked: Sequence[ActionKind], instead: Sequence[ActionKind], longest_ns: int) -> None:
        """`instead` holds what may be asked for in place of each; empty where nothing may."""
        self._left = list(zip(asked, instead or asked, strict=True))
        self._may_substitute = bool(instead)
        self._longest_ns = longest_ns
        self._watch: ActionWatch | None = None
        self._instead: ActionKind | None = None
        """What may still be asked for in place of the present action."""
        self._asked_ns = 0
        self.asked: tuple[ActionKind, ...] = ()
        """What has been asked for, in this order."""
        self._substituted = False

    @property
    def asking(self) -> ActionKind | None:
        """The action that is asked for at present."""
        return self._watch.asked if self._watch else None

    @property
    def outcome(self) -> ActionOutcome:
        """How the present action goes; NOT_ASKED before the first, DONE only after the last."""
        if self._watch is None:
            return ActionOutcome.NOT_ASKED
        done = self._watch.outcome is ActionOutcome.DONE
        return ActionOutcome.PENDING if done and self._left else self._watch.outcome

    def leave_blinks_out(self) -> None:
        """Blinks are too short to be seen: in place of each that is still to come the mouth is asked for."""
        mouth = {ActionKind.BLINK: ActionKind.OPEN_MOUTH}
        self._left = [(mouth.get(action, action), mouth.get(instead, instead)) for action, instead in self._left]

    def ask(self, now_ns: int) -> bool:
        """Ask for the next action; False when none is left."""
        if not self._left:
            return False
        action, instead = self._left.pop(0)
        self._ask(action, now_ns)
        self._instead = instead if self._may_substitute and instead is not action else None
        return True

    def substitute(self, now_ns: int) -> bool:
        """Ask for another action in place of the present one, once in a visit; False where none may be asked for."""
        if self._instead is None or self._substituted:
            return False
        self._substituted = True
        self._ask(self._instead, now_ns)
        return True

    def see(self, seen: Expression) -> bool:
        """Take in one frame; True when the present action is done."""
        return self._watch is not None and self._watch.see(seen) is ActionOutcome.DONE

    def overdue(self, now_ns: int) -> bool:
        """Whether the present action has had its time; it is given up then."""
        if self._watch is None or now_ns - self._asked_ns <= self._longest_ns:
            return False
        self._watch.give_up()
        return True

    def _ask(self, action: ActionKind, now_ns: int) -> None:
        self._watch, self._asked_ns = ActionWatch(action, self._watch), now_ns
        self.asked = (*self.asked, action)
