"""The promises of the table, made about every state and seen on random walks."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from edge.session.states import ON_ENTER, TRANSITIONS, Command, Event, Session, State

STARTED_STATES = (State.CONSENTING, State.ACQUIRING, State.PROBING, State.CHALLENGING)
SHOWS = {
    Command.SHOW_READY,
    Command.ASK_CONSENT,
    Command.SHOW_LOOK_HERE,
    Command.SHOW_HOLD_STILL,
    Command.ASK_ACTION,
    Command.CONCLUDE,
    Command.SHOW_OUT_OF_ORDER,
}


def reachable(start: State) -> set[State]:
    """All states that some course of events can lead to."""
    seen, open_ends = {start}, [start]
    while open_ends:
        for target in TRANSITIONS[open_ends.pop()].values():
            if target not in seen:
                seen.add(target)
                open_ends.append(target)
    return seen


def walk(seed: int, steps: int = 800) -> list[tuple[State, Event, State, tuple[Command, ...]]]:
    """State before, event, state after and commands of a random course of events."""
    dice, session, course = random.Random(seed), Session(), []
    for event in dice.choices(tuple(Event), k=steps):
        before = session.state
        commands = session.hear(event)
        course.append((before, event, session.state, commands))
    return course


def test_every_state_has_a_row_and_an_entry() -> None:
    assert set(TRANSITIONS) == set(State)
    assert set(ON_ENTER) == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached_and_can_get_back_to_idle(state: State) -> None:
    assert state in reachable(State.IDLE)
    assert State.IDLE in reachable(state)


@pytest.mark.parametrize("state", State)
def test_entering_a_state_says_exactly_one_thing(state: State) -> None:
    assert len(SHOWS.intersection(ON_ENTER[state])) == 1


def test_a_started_attempt_can_only_be_left_through_its_conclusion() -> None:
    left = {(state, target) for state in STARTED_STATES for target in TRANSITIONS[state].values()}

    assert {target for _, target in left} - set(STARTED_STATES) == {State.CONCLUDED}


def test_only_entering_the_conclusion_concludes() -> None:
    assert [state for state in State if Command.CONCLUDE in ON_ENTER[state]] == [State.CONCLUDED]


@pytest.mark.parametrize("state", STARTED_STATES)
@pytest.mark.parametrize("event", [Event.EXPIRED, Event.CANCELLED, Event.DEVICE_FAILED])
def test_every_started_attempt_can_be_ended_at_any_time(state: State, event: Event) -> None:
    assert TRANSITIONS[state][event] is State.CONCLUDED


@pytest.mark.parametrize("seed", range(200))
def test_on_a_random_walk_every_started_attempt_is_concluded_once_but_the_open_one(seed: int) -> None:
    course = walk(seed)
    started = sum(before is State.IDLE and after is State.CONSENTING for before, _, after, _ in course)
    concluded = Counter(command for *_, commands in course for command in commands)[Command.CONCLUDE]
    is_open = course[-1][2] in STARTED_STATES

    assert concluded == started - is_open


def test_the_random_walks_see_every_row_of_the_table() -> None:
    rows = {(state, event) for state in State for event in TRANSITIONS[state]}
    walked = {(before, event) for seed in range(200) for before, event, _, commands in walk(seed) if commands}

    assert walked == rows


def test_losing_the_face_forgets_the_evidence() -> None:
    for state in (State.PROBING, State.CHALLENGING):
        assert Command.FORGET_EVIDENCE in ON_ENTER[TRANSITIONS[state][Event.FACE_LOST]]


def test_no_frame_is_looked_at_before_the_visitor_agrees() -> None:
    rows = {(state, event): target for state in State for event, target in TRANSITIONS[state].items()}
    into_looking = {row for row, target in rows.items() if target is State.ACQUIRING}

    assert TRANSITIONS[State.IDLE] == {Event.STARTED: State.CONSENTING, Event.DEVICE_FAILED: State.FAULT}
    assert into_looking == {
        (State.CONSENTING, Event.AGREED),
        (State.PROBING, Event.FACE_LOST),
        (State.CHALLENGING, Event.FACE_LOST),
    }
    assert ON_ENTER[State.CONSENTING] == (Command.ASK_CONSENT,)
    assert TRANSITIONS[State.CONSENTING][Event.DECLINED] is State.CONCLUDED


def test_evidence_of_one_visitor_never_meets_the_next() -> None:
    assert Command.FORGET_EVIDENCE in ON_ENTER[State.IDLE]
    assert TRANSITIONS[State.CONCLUDED] == {Event.DISMISSED: State.IDLE}


@pytest.mark.parametrize("state", State)
def test_an_event_outside_the_row_is_not_heard(state: State) -> None:
    for event in set(Event) - set(TRANSITIONS[state]):
        session = led_to(state)

        assert session.hear(event) == ()
        assert session.state is state


def led_to(state: State) -> Session:
    """A session that was led into a state by events."""
    paths: dict[State, tuple[Event, ...]] = {State.IDLE: ()}
    open_ends = [State.IDLE]
    while state not in paths:
        here = open_ends.pop(0)
        for event, target in TRANSITIONS[here].items():
            if target not in paths:
                paths[target] = (*paths[here], event)
                open_ends.append(target)
    session = Session()
    for event in paths[state]:
        session.hear(event)
    return session
