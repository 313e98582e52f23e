"""The people of the footage who can answer a unit, where in their clips they do what, and how they come to a visit.

The times are those that `lifecert actions` finds near the marks of the footage (clips/events.csv, pad/events.csv), with some of
the quiet around them. Nobody in it shows movements of the face and of the head, so two actions of one person are two of the head.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle, islice, permutations
from pathlib import Path

from edge.flow import ActionKind

REACTION_S = (1.0, 4.0)
"""From the word on the screen to the beginning of the movement, evenly spread: assumed, for nobody measured elders at this unit.
A simple reaction takes an elder well under a second; here one hears a sentence of two seconds, understands it, and begins."""


class Asked(StrEnum):
    """What a visit asks for."""

    PASSIVE = "passive"
    """Nothing but to look at the unit."""
    ONE = "one-action"
    TWO = "two-actions"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a clip, seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Movement(Span):
    """A part of a clip in which somebody does something."""

    done_s: float
    """When it is over, and nobody could say so earlier."""

    @property
    def takes_s(self) -> float:
        """From the first picture of it to its end."""
        return self.done_s - self.start_s


@dataclass(frozen=True, slots=True)
class Sitter:
    """One person of the footage."""

    clip: str
    """Below the folder of the footage."""
    neutral: Span
    """What the person does until asked."""
    does: Mapping[ActionKind, Movement] = field(default_factory=dict)


WHOLE = Span(0.0, 3600.0)
_BLINK, _MOUTH = ActionKind.BLINK, ActionKind.OPEN_MOUTH
_NOD, _LEFT, _RIGHT = ActionKind.NOD, ActionKind.TURN_LEFT, ActionKind.TURN_RIGHT
ACTING = (
    Sitter("clips/lp_d9_challenge_actions.mp4", Span(4.0, 9.4), {_BLINK: Movement(9.5, 10.1, 10.07)}),
    Sitter("clips/lp_d18_mouth_open.mp4", Span(0.0, 1.9), {_MOUTH: Movement(1.9, 3.6, 3.2)}),
    Sitter("pad/clips/wolf_live_blinks.mp4", Span(1.5, 3.2), {_BLINK: Movement(4.0, 4.38, 4.35)}),
    Sitter(
        "pad/clips/tvl_live_turn_nod.mp4",
        Span(0.0, 1.8),
        {_LEFT: Movement(1.8, 6.5, 5.57), _RIGHT: Movement(7.2, 11.2, 10.57), _NOD: Movement(11.2, 14.4, 13.87)},
    ),
)
"""Left out are movements that no unit can take for an answer: a mouth that opens for 0.1 s, a blink of 0.1 s."""
LOOKING = (
    *(Sitter(one.clip, WHOLE) for one in ACTING),
    Sitter("clips/lp_d0_smile_blink.mp4", WHOLE),
    Sitter("clips/lp_d13_talking_glasses.mp4", WHOLE),
    *(Sitter(f"clips/grid_{name}.mpg", WHOLE) for name in ("bbaf2n", "brbk7n", "lbax4n", "lwbsza", "swiz3n")),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One visit."""

    asked: Asked
    sitter: Sitter
    actions: tuple[ActionKind, ...] = ()
    delays_s: tuple[float, ...] = ()
    """How long the person takes to react to each."""

    @property
    def theirs_s(self) -> float:
        """Of the wait, what the person takes: to react, and to do it."""
        return sum(self.delays_s) + sum(self.sitter.does[action].takes_s for action in self.actions)


def plans(asked: Asked, count: int, seed: int) -> Iterator[Plan]:
    """So many visits: the people in turn, each with everything that can be asked of them, and dice for how fast they react."""
    dice = random.Random(f"{seed} {asked}")  # noqa: S311 - nothing is kept secret with it
    for sitter, actions in islice(cycle(_parts(asked)), count):
        yield Plan(asked, sitter, actions, tuple(dice.uniform(*REACTION_S) for _ in actions))


def _parts(asked: Asked) -> Sequence[tuple[Sitter, tuple[ActionKind, ...]]]:
    match asked:
        case Asked.PASSIVE:
            return [(sitter, ()) for sitter in LOOKING]
        case Asked.ONE:
            return [(sitter, (action,)) for sitter in ACTING for action in sitter.does]
        case Asked.TWO:
            return [(sitter, pair) for sitter in ACTING for pair in permutations(sitter.does, 2)]


def actor_file(plan: Plan, footage: Path) -> str:
    """The person as a file of docs/cameras.md describes one."""
    clip = (footage / plan.sitter.clip).resolve()
    scenes = [_scene("[neutral]", clip, plan.sitter.neutral)]
    for action, delay_s in zip(plan.actions, plan.delays_s, strict=True):
        heading = f'[[action]]\ncode = "ASK_{action.value.upper()}"\ndelay_s = {delay_s:.3f}'
        scenes.append(_scene(heading, clip, plan.sitter.does[action]))
    return "\n".join(scenes)


def _scene(heading: str, clip: Path, span: Span) -> str:
    quoted = str(clip).replace("\\", "\\\\").replace('"', '\\"')
    return f'{heading}\nclip = "{quoted}"\nstart_s = {span.start_s}\nend_s = {span.end_s}\n'
