"""Numbers become words here, and nowhere else: observations are counted and measured, and at most one Event is spoken.

It also keeps the evidence of the present track. A lost or changed face takes its evidence with it.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from edge.flow import (
    ActionKind,
    ActionOutcome,
    CueKind,
    LightAnswer,
    LivenessEvidence,
    LivenessScore,
    Observation,
    Shot,
    Standing,
    TrackId,
)
from edge.rules import Rules
from edge.session.actions import ActionCourse
from edge.session.challenge import Challenge
from edge.session.light_code import DARK_WORD, UNSEEN
from edge.session.sequential import TextureTest, Word, joint_score, log_odds
from edge.session.states import Event, State
from edge.session.weigh import weigh
from wire.reasons import Category, Reason

CLEARLY = math.log(10)
"""A relief so far below its threshold, in log odds, is not asked for again: nobody stirs into a plane."""
REMEMBERED_GAPS = 30
"""How often the eyes are seen is the median of so many gaps between good frames."""


class Gatherer:
    """Gathers the evidence of one attempt, which asks for this challenge."""

    def __init__(self, rules: Rules, challenge: Challenge) -> None:
        self._rules, self._challenge = rules, challenge
        self._texture_test = TextureTest(rules.thresholds.texture, rules.texture_least, rules.texture_frames)
        self._started_ns: int | None = None
        self._network_ns = 0
        self._hindrances: Counter[Reason] = Counter()
        self._good_frames = self._bad_frames = 0
        self._last_outcome = ActionOutcome.NOT_ASKED
        self.forget()

    def forget(self) -> None:
        """Drop what was seen of the present face; how the last action failed, and what stood in the way, is kept."""
        if self._last_outcome is ActionOutcome.DONE:
            self._last_outcome = ActionOutcome.PENDING
        self._track: TrackId | None = None
        self._steady = 0
        self._usable_ns: int | None = None
        self._textures: list[float] = []
        self._probed_ns: set[int] = set()
        self._texture_word = self._texture_test.judge(self._textures)
        self._shots: list[Shot] = []
        self._answer: LightAnswer | None = None
        instead = self._challenge.instead if self._rules.substitution else ()
        self._course = ActionCourse(self._challenge.actions, instead, self._rules.times.action_ms * 1_000_000)
        self._seen_apart_ns: deque[int] = deque(maxlen=REMEMBERED_GAPS)

    def take(self, state: State, seen: Observation, network_ns: int = 0) -> Event | None:
        """Take in one observation and say what happened, if anything did; `network_ns` is what a large network costs here."""
        self._network_ns = network_ns
        if self._started_ns is None:
            self._started_ns = seen.captured_ns
        if seen.captured_ns - self._started_ns > self._rules.times.attempt_ms * 1_000_000:
            return Event.EXPIRED
        match state:
            case State.ACQUIRING:
                return self._acquire(seen)
            case State.PROBING:
                return self._probe(seen)
            case State.CHALLENGING:
                return self._watch_action(seen)
            case _:
                return None

    @property
    def evidence(self) -> LivenessEvidence:
        """What was seen of life. Too few probes are no texture at all."""
        judged = self._texture_word is not Word.OPEN
        texture = LivenessScore(joint_score(self._textures)) if judged else None
        asked, drawn = self._course.asked, self._challenge.actions
        otherwise = asked != drawn[: len(asked)]
        return LivenessEvidence(texture, len(self._textures), asked or drawn, self._last_outcome, self._answer, otherwise)

    @property
    def texture_open(self) -> bool:
        """Whether the texture of the present face is still to be judged."""
        return self._texture_word is Word.OPEN

    @property
    def done(self) -> float:
        """How much of what is asked for is there, 0 to 1, for a visitor to see: the shots, then the actions one by one."""
        gathered = min(1.0, len(self._shots) / max(1, self._shots_wanted))
        actions = len(self._challenge.actions)
        if not actions:
            return gathered
        answered = max(0, len(self._course.asked) - 1) + (self._last_outcome is ActionOutcome.DONE)
        still = 1.0 if self._course.asking else gathered
        return (still + min(answered, actions)) / (1 + actions)

    @property
    def answered(self) -> bool:
        """Whether the last action is done; who was quick is still seen for a while."""
        return self._last_outcome is ActionOutcome.DONE

    @property
    def asking(self) -> ActionKind | None:
        """The action that is asked for at present."""
        return self._course.asking

    @property
    def shots(self) -> tuple[Shot, ...]:
        """Shots of the present face, spread over the time it was seen, oldest first.

        A probe that was not over when the attempt was has probed nothing.
        """
        return tuple(replace(shot, probed=shot.captured_ns in self._probed_ns) for shot in self._shots)

    @property
    def hindrance(self) -> Reason | None:
        """What stood in the way most often; None when at least half of the frames were good."""
        if self._bad_frames <= self._good_frames:
            return None
        return self._hindrances.most_common(1)[0][0]

    def _acquire(self, seen: Observation) -> Event | None:
        if self._in_the_dark(seen):
            return None
        self._count_hindrance(seen, seen.usable)
        if seen.held:
            return None
        if not seen.usable or (self._track is not None and seen.track != self._track):
            self._steady = 0
        if seen.track != self._track:
            self._answer = None
        self._track = seen.track
        self._keep_answer(seen)
        if not seen.usable:
            return None
        self._steady += 1
        self._good(seen)
        return Event.FACE_READY if self._steady >= self._rules.steady_frames else None

    def _probe(self, seen: Observation) -> Event | None:
        if self._lost(seen, seen.usable):
            return Event.FACE_LOST
        self._keep(seen)
        if self._denied and self._rules.ends_on_denial:
            return Event.ATTACK_SEEN
        if self._light_failed:
            return Event.EVIDENCE_COMPLETE
        if not self._still_evidence_complete:
            return None
        return self._ask_next(seen)

    def _watch_action(self, seen: Observation) -> Event | None:
        # Who turns the head because it was asked for is not hindered by a turned head.
        if self._lost(seen, seen.usable_moving):
            return Event.FACE_LOST
        self._keep(seen)
        if self._denied and self._rules.ends_on_denial:
            return Event.ATTACK_SEEN
        if self.answered:
            return self._complete
        done = seen.expression is not None and self._course.see(seen.expression)
        overdue = not done and self._course.overdue(seen.captured_ns)
        self._last_outcome = self._course.outcome
        if done:
            return self._ask_next(seen)
        if overdue and self._course.substitute(seen.captured_ns):
            self._last_outcome = self._course.outcome
            return Event.ACTION_DUE
        return Event.EVIDENCE_COMPLETE if overdue else None

    def _ask_next(self, seen: Observation) -> Event | None:
        if not self._eyes_seen_often:
            self._course.leave_blinks_out()
        if not self._course.ask(seen.captured_ns):
            return self._complete
        self._last_outcome = self._course.outcome
        return Event.ACTION_DUE

    @property
    def _complete(self) -> Event | None:
        """Nothing more is asked for; who was quick is seen a little longer, for a face is compared by all its shots."""
        return Event.EVIDENCE_COMPLETE if len(self._shots) >= self._rules.shots else None

    @property
    def _eyes_seen_often(self) -> bool:
        """Whether good frames follow each other so fast that none of a blink is missed, also with dense landmarks in each."""
        if not self._seen_apart_ns:
            return False
        return max(self._network_ns, median(self._seen_apart_ns)) * self._rules.blink_frames_per_s <= 1e9

    def _lost(self, seen: Observation, good: bool) -> bool:
        """Whether the face is another one, or could not be used for too long."""
        if not self._in_the_dark(seen):
            self._count_hindrance(seen, good)
        if seen.track is not None and seen.track != self._track:
            return True
        if good:
            self._good(seen)
            return False
        if self._usable_ns is None:
            return True
        since_ns = seen.captured_ns - self._usable_ns
        return since_ns > self._rules.times.lost_after_ms * 1_000_000

    def _good(self, seen: Observation) -> None:
        if self._usable_ns is not None:
            self._seen_apart_ns.append(seen.captured_ns - self._usable_ns)
        self._usable_ns = seen.captured_ns

    def _keep(self, seen: Observation) -> None:
        if seen.texture:
            self._textures.append(seen.texture.score)
            self._probed_ns.add(seen.texture.captured_ns)
            self._texture_word = self._texture_test.judge(self._textures)
        if seen.shot:
            self._shots = spread_out([*self._shots, seen.shot], self._rules.shots)
        self._keep_answer(seen)

    def _keep_answer(self, seen: Observation) -> None:
        if seen.answer:
            self._answer = seen.answer

    def _in_the_dark(self, seen: Observation) -> bool:
        """Whether the code of the visit leaves the face unlit just now, and nothing else lights it: that is nobody's flaw."""
        return self._challenge.code is not None and seen.light == DARK_WORD and not seen.usable

    @property
    def _still_evidence_complete(self) -> bool:
        if self._texture_word is Word.OPEN:
            return False
        lit = self._challenge.code is not None
        judged = not lit or self._light_stands(Standing.NOT_DENIED) or self._light_denied
        return judged and len(self._shots) >= self._shots_wanted

    @property
    def _shots_wanted(self) -> int:
        """So many before more is asked for: who is asked to act is seen at rest until they begin, and lamps take time."""
        more = self._challenge.actions or self._challenge.code is not None
        return self._rules.shots_before_asking if more else self._rules.shots

    @property
    def _denied(self) -> bool:
        """Whether a cue speaks against life, and will not take it back: that ends the attempt at once."""
        return self._texture_word is Word.DENIES or self._light_denied

    @property
    def _light_denied(self) -> bool:
        """Whether the lamps have asked often enough for a denial, or the face that answered them well is no face by far."""
        return self._light_stands(Standing.DENIED) and (self._light_asked_enough or self._clearly_flat)

    @property
    def _clearly_flat(self) -> bool:
        answer, limits = self._answer, self._rules.thresholds
        if answer is None or answer.code is None or answer.relief is None:
            return False
        return answer.code >= limits.code and log_odds(answer.relief) < log_odds(limits.relief) - CLEARLY

    @property
    def _light_failed(self) -> bool:
        """Whether the unit itself cannot ask by light: its lamps do not answer, or nobody knows when they are lit."""
        hindrance = self._answer.hindrance if self._answer else None
        return hindrance is not None and hindrance.category is Category.EQUIPMENT and self._light_asked_enough

    @property
    def _light_asked_enough(self) -> bool:
        code, answer = self._challenge.code, self._answer
        return code is not None and answer is not None and answer.symbols >= self._rules.light_passes * len(code.symbols) - UNSEEN

    def _light_stands(self, standing: Standing) -> bool:
        """Whether code and relief both are not denied, or one of them is denied; without any answer, neither."""
        if self._answer is None:
            return False
        found = [one.standing for one in weigh(self.evidence, self._rules) if one.kind in (CueKind.CODE, CueKind.RELIEF)]
        return standing in found if standing is Standing.DENIED else bool(found) and all(one is standing for one in found)

    def _count_hindrance(self, seen: Observation, good: bool) -> None:
        if good:
            self._good_frames += 1
            return
        self._bad_frames += 1
        # Every flaw stands in the way, not only the worst: who is too far away all the time is not hindered by a glance aside.
        # What does not block counts only where it stands before what does: then it is the cause.
        flaws = seen.sample.flaws if seen.sample else ()
        while flaws and not flaws[-1].blocks:
            flaws = flaws[:-1]
        self._hindrances.update(dict.fromkeys((flaw.reason for flaw in flaws), 1) if flaws else {Reason.NO_FACE: 1})


def spread_out(shots: list[Shot], most: int) -> list[Shot]:
    """At most so many of these shots, which are in the order of time: of the two that lie closest together the better one stays.

    Shots far apart differ in look and light, and their mean says more than that of the best few, which are often neighbours. The
    oldest is not given up for a better one unless that is very near, or shots that become ever better would lose the beginning
    step by step.
    """
    kept = list(shots)
    while len(kept) > most:
        first = min(range(len(kept) - 1), key=lambda at: _apart_ns(kept, at, at + 1))
        worse = first if kept[first].quality < kept[first + 1].quality else first + 1
        if worse == 0 and 2 * most * _apart_ns(kept, 0, 1) > _apart_ns(kept, 0, -1):
            worse = 1
        del kept[worse]
    return kept


def _apart_ns(shots: Sequence[Shot], one: int, other: int) -> int:
    return shots[other].captured_ns - shots[one].captured_ns
