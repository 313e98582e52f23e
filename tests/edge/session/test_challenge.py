"""What a visit asks for is decided by its nonce, for ever, and fairly."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import product

import pytest

from edge.flow import ActionKind
from edge.session.challenge import (
    FACE_ACTIONS,
    HEAD_ACTIONS,
    STILL,
    Challenge,
    asked_action,
    asked_actions,
    asked_instead,
    challenge_of,
)
from edge.session.light_code import CODE_BYTES, CODE_PURPOSE, light_code
from wire.derive import derived_bytes
from wire.result import Mode

SINGLE = (ActionKind.BLINK, ActionKind.OPEN_MOUTH)


def test_the_nonce_alone_decides_which_action_is_asked_for() -> None:
    """A released rule: a unit and whoever checks its results must agree for ever which action a nonce asks for."""
    asked = [asked_action(bytes([number]) * 32).value for number in range(6)]

    assert asked == ["blink", "blink", "blink", "open_mouth", "blink", "blink"]


def test_actions_are_asked_for_equally_often() -> None:
    """A fair choice strays further than 4.5 standard deviations once in 150,000 runs; these nonces are fixed, so never."""
    nonces = 4000
    counts = Counter(asked_action(number.to_bytes(32, "big")) for number in range(nonces))
    share = 1 / len(SINGLE)
    bound = 4.5 * math.sqrt(nonces * share * (1 - share))

    assert set(counts) == set(SINGLE)
    assert all(abs(count - nonces * share) < bound for count in counts.values())


def test_nonces_that_differ_in_one_bit_say_nothing_about_each_other() -> None:
    nonces = [random.Random(number).randbytes(32) for number in range(2000)]
    alike = sum(asked_action(nonce) is asked_action(bytes([nonce[0] ^ 1]) + nonce[1:]) for nonce in nonces)

    assert abs(alike - 1000) < 4.5 * math.sqrt(2000 / 4)


RELEASED = [
    (0, "nod open_mouth"),
    (1, "open_mouth turn_right"),
    (2, "blink nod"),
    (3, "open_mouth nod"),
    (4, "turn_left blink"),
    (5, "open_mouth nod"),
]


@pytest.mark.parametrize(("byte", "words"), RELEASED)
def test_a_nonce_asks_for_the_same_actions_in_the_same_order_for_ever(byte: int, words: str) -> None:
    """A released rule, as that of the one action is."""
    assert [action.value for action in asked_actions(bytes([byte]) * 32)] == words.split()


def test_every_pair_of_one_action_of_the_face_and_one_of_the_head_is_asked_for_equally_often() -> None:
    """The bound is that of the one action."""
    pairs = {pair for face, head in product(FACE_ACTIONS, HEAD_ACTIONS) for pair in ((face, head), (head, face))}
    nonces = 4000
    counts = Counter(asked_actions(number.to_bytes(32, "big")) for number in range(nonces))
    share = 1 / len(pairs)
    bound = 4.5 * math.sqrt(nonces * share * (1 - share))

    assert set(counts) == pairs
    assert all(abs(count - nonces * share) < bound for count in counts.values())


def test_a_passive_visit_asks_for_nothing_but_to_hold_still() -> None:
    assert challenge_of(b"nonce", Mode.PASSIVE, "LRV", 200_000_000) == STILL == Challenge((), None)


def test_an_active_visit_asks_for_one_action_and_nothing_of_the_lamps() -> None:
    assert challenge_of(b"nonce", Mode.ACTIVE, "LRV", 200_000_000) == Challenge(
        (asked_action(b"nonce"),), None, asked_instead(b"nonce", (asked_action(b"nonce"),))
    )


def test_a_full_visit_asks_for_two_actions_and_for_light() -> None:
    code = light_code(derived_bytes(b"nonce", CODE_PURPOSE, CODE_BYTES), "LRV", 200_000_000)

    assert challenge_of(b"nonce", Mode.FULL, "LRV", 200_000_000) == Challenge(
        asked_actions(b"nonce"), code, asked_instead(b"nonce", asked_actions(b"nonce"))
    )


def test_what_is_asked_for_instead_is_another_of_the_same_kind_and_nobody_knows_which() -> None:
    nonces = 1200
    counts: Counter[tuple[ActionKind, ActionKind]] = Counter()
    for number in range(nonces):
        nonce = number.to_bytes(32, "big")
        actions = asked_actions(nonce)
        counts.update(zip(actions, asked_instead(nonce, actions), strict=True))

    pairs = [(one, other) for kind in (FACE_ACTIONS, HEAD_ACTIONS) for one in kind for other in kind if one is not other]
    assert set(counts) == set(pairs)
    for one, other in pairs:
        share = 1 / 2 if one in FACE_ACTIONS else 1 / 6
        assert abs(counts[one, other] - nonces * share) < 4.5 * math.sqrt(nonces * share * (1 - share))


def test_actions_say_nothing_about_the_light() -> None:
    """Whoever sees the first word lit guesses the first action no better than before."""
    nonces = [number.to_bytes(32, "big") for number in range(1200)]
    challenges = [challenge_of(nonce, Mode.FULL, "LR", 200_000_000) for nonce in nonces]
    counts = Counter((challenge.code.symbols[0], challenge.actions[0]) for challenge in challenges if challenge.code)
    by_word = Counter(challenge.code.symbols[0] for challenge in challenges if challenge.code)

    assert len(counts) == 4 * (len(FACE_ACTIONS) + len(HEAD_ACTIONS))
    for (word, action), count in counts.items():
        share = 0.5 / len(FACE_ACTIONS if action in FACE_ACTIONS else HEAD_ACTIONS)
        assert abs(count - by_word[word] * share) < 4.5 * math.sqrt(by_word[word] * share * (1 - share))
