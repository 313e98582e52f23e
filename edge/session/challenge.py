"""What a visit asks for, decided by its nonce alone: nobody on the unit chooses it, and no recording can know it.

The centre derives the same from the same nonce, so a result says without a word what its visitor had to answer; where that was
something else (`Gatherer`), it says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from edge.flow import ActionKind
from edge.session.even_choices import EvenChoices
from edge.session.light_code import CODE_BYTES, CODE_PURPOSE, LightCode, light_code
from wire.derive import derived_bytes
from wire.result import Mode

FACE_ACTIONS = (ActionKind.BLINK, ActionKind.OPEN_MOUTH)
"""What a hand cannot do with a picture."""
HEAD_ACTIONS = (ActionKind.NOD, ActionKind.TURN_LEFT, ActionKind.TURN_RIGHT)
"""What no film does at the right time but by chance, and a hand can do with a mug. Released, like the order of both."""
ACTIONS_PURPOSE, INSTEAD_PURPOSE = "lifecert actions 2", "lifecert instead 1"
"""Released, like the purpose of the code."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What one visit asks for."""

    actions: tuple[ActionKind, ...] = ()
    """In the order in which they are asked for; empty for a visitor who only holds still."""
    code: LightCode | None = None
    """None where the unit's lamps ask nothing."""
    instead: tuple[ActionKind, ...] = ()
    """For each of the actions what may be asked for in its place: of the same kind, and by the nonce as well."""


STILL = Challenge()
"""Nothing but to hold still."""


def challenge_of(nonce: bytes, mode: Mode, lamps: str, symbol_ns: int) -> Challenge:
    """What the visit with this nonce asks for, on a unit with these lamps, at least one for a full visit (see `light_code`)."""
    match mode:
        case Mode.PASSIVE:
            return STILL
        case Mode.ACTIVE:
            action = asked_action(nonce)
            return Challenge((action,), instead=asked_instead(nonce, (action,)))
        case Mode.FULL:
            code = light_code(derived_bytes(nonce, CODE_PURPOSE, CODE_BYTES), lamps, symbol_ns)
            asked = asked_actions(nonce)
            return Challenge(asked, code, asked_instead(nonce, asked))


def asked_action(nonce: bytes) -> ActionKind:
    """The one action of an active visit. The rule is released: two kinds, and a nonce asks for the same for ever."""
    return FACE_ACTIONS[hashlib.sha256(b"lifecert action 1" + nonce).digest()[0] % len(FACE_ACTIONS)]


def asked_actions(nonce: bytes) -> tuple[ActionKind, ...]:
    """The actions of a full visit: one of the face and one of the head, in random order (ADR 12)."""
    choices = EvenChoices(derived_bytes(nonce, ACTIONS_PURPOSE, 64))
    face, head = choices.pick(FACE_ACTIONS), choices.pick(HEAD_ACTIONS)
    return choices.pick(((face, head), (head, face)))


def asked_instead(nonce: bytes, asked: tuple[ActionKind, ...]) -> tuple[ActionKind, ...]:
    """What may be asked for in place of each: another of the face for one of the face, of the head for one of the head."""
    choices = EvenChoices(derived_bytes(nonce, INSTEAD_PURPOSE, 64))
    kinds = [(action, FACE_ACTIONS if action in FACE_ACTIONS else HEAD_ACTIONS) for action in asked]
    return tuple(choices.pick([other for other in kind if other is not action]) for action, kind in kinds)
