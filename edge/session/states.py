"""The course of an attempt as a table of words. Everything that affects transitions stands in this file.

Conditions never enter the table: `gather.py` counts and measures and speaks one Event. The only way out of a started
attempt is CONCLUDED, so every attempt leaves exactly one signed result, also when it is cancelled or the camera dies.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where an attempt is."""

    IDLE = "idle"
    CONSENTING = "consenting"
    """The visitor is asked whether they agree; no frame is looked at (R62)."""
    ACQUIRING = "acquiring"
    """Looking for one good face."""
    PROBING = "probing"
    """The visitor holds still; texture and best shots are gathered."""
    CHALLENGING = "challenging"
    """The visitor was asked to do something."""
    CONCLUDED = "concluded"
    FAULT = "fault"


class Event(StrEnum):
    """What can happen."""

    STARTED = "started"
    AGREED = "agreed"
    DECLINED = "declined"
    """The visitor did not agree, or nobody did in time."""
    FACE_READY = "face_ready"
    FACE_LOST = "face_lost"
    ACTION_DUE = "action_due"
    ATTACK_SEEN = "attack_seen"
    """A cue speaks against life: the attempt ends at once, so that nobody can step back from it (R35)."""
    EVIDENCE_COMPLETE = "evidence_complete"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DEVICE_FAILED = "device_failed"
    DEVICE_RECOVERED = "device_recovered"
    DISMISSED = "dismissed"


class Command(StrEnum):
    """What is done on entering a state."""

    LIGHT_ON = "light_on"
    LIGHT_CODE = "light_code"
    """From now on the lamps follow the code of the visit, if it has one."""
    LIGHT_OFF = "light_off"
    FORGET_EVIDENCE = "forget_evidence"
    SHOW_READY = "show_ready"
    ASK_CONSENT = "ask_consent"
    SHOW_LOOK_HERE = "show_look_here"
    SHOW_HOLD_STILL = "show_hold_still"
    ASK_ACTION = "ask_action"
    CONCLUDE = "conclude"
    SHOW_OUT_OF_ORDER = "show_out_of_order"


_ENDINGS: Mapping[Event, State] = {
    Event.EXPIRED: State.CONCLUDED,
    Event.CANCELLED: State.CONCLUDED,
    Event.DEVICE_FAILED: State.CONCLUDED,
}

TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.IDLE: {
        Event.STARTED: State.CONSENTING,
        Event.DEVICE_FAILED: State.FAULT,
    },
    State.CONSENTING: {
        Event.AGREED: State.ACQUIRING,
        Event.DECLINED: State.CONCLUDED,
        **_ENDINGS,
    },
    State.ACQUIRING: {
        Event.FACE_READY: State.PROBING,
        **_ENDINGS,
    },
    State.PROBING: {
        Event.ACTION_DUE: State.CHALLENGING,
        Event.EVIDENCE_COMPLETE: State.CONCLUDED,
        Event.ATTACK_SEEN: State.CONCLUDED,
        Event.FACE_LOST: State.ACQUIRING,
        **_ENDINGS,
    },
    State.CHALLENGING: {
        Event.ACTION_DUE: State.CHALLENGING,
        Event.EVIDENCE_COMPLETE: State.CONCLUDED,
        Event.ATTACK_SEEN: State.CONCLUDED,
        Event.FACE_LOST: State.ACQUIRING,
        **_ENDINGS,
    },
    State.CONCLUDED: {
        Event.DISMISSED: State.IDLE,
    },
    State.FAULT: {
        Event.DEVICE_RECOVERED: State.IDLE,
    },
}

ON_ENTER: Mapping[State, tuple[Command, ...]] = {
    State.IDLE: (Command.LIGHT_OFF, Command.FORGET_EVIDENCE, Command.SHOW_READY),
    State.CONSENTING: (Command.ASK_CONSENT,),
    State.ACQUIRING: (Command.FORGET_EVIDENCE, Command.LIGHT_ON, Command.SHOW_LOOK_HERE),
    State.PROBING: (Command.LIGHT_CODE, Command.SHOW_HOLD_STILL),
    State.CHALLENGING: (Command.LIGHT_ON, Command.ASK_ACTION),
    State.CONCLUDED: (Command.LIGHT_OFF, Command.CONCLUDE),
    State.FAULT: (Command.LIGHT_OFF, Command.SHOW_OUT_OF_ORDER),
}


class Session:
    """Stands in one state and hears events; what the state's row does not list is not heard."""

    def __init__(self) -> None:
        self._state = State.IDLE

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    def hear(self, event: Event) -> tuple[Command, ...]:
        """Move, and return the commands of the state entered; nothing happens on an event that is not listed."""
        target = TRANSITIONS[self._state].get(event)
        if target is None:
            return ()
        self._state = target
        return ON_ENTER[target]
