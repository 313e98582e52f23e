"""Draws the table of an attempt as a page for people: docs/session.md is this text, and a test compares them."""

from __future__ import annotations

from edge.session.states import ON_ENTER, TRANSITIONS, Event, State

_HEAD = """# The course of an attempt

Drawn from the table in `edge/session/states.py`. A state hears the events of its row and nothing else. `CONCLUDED` is the only
way out of a started attempt, so every attempt leaves exactly one signed result. When an event happens is decided by
`edge/session/gather.py` and nowhere else.

To draw it anew after a change of the table:

```sh
.venv/bin/python -c 'import sys; from edge.session.drawing import page; sys.stdout.write(page())' > docs/session.md
```
"""


def page() -> str:
    """The page: a diagram, what each state hears, and what is done on entering it. Markdown, ends with a line feed."""
    return "\n".join((_HEAD, "## The picture\n", _diagram(), "## What a state hears, and where it leads\n", _hears(), _enters()))


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.IDLE}"]
    for state in State:
        for target, events in _by_target(state).items():
            lines.append(f"    {state} --> {target}: {', '.join(events)}")
    return "\n".join((*lines, "```\n"))


def _by_target(state: State) -> dict[State, list[Event]]:
    """Where a state can lead, each with the events that lead there."""
    targets: dict[State, list[Event]] = {}
    for event, target in TRANSITIONS[state].items():
        targets.setdefault(target, []).append(event)
    return targets


def _hears() -> str:
    rows = [f"| `{state}` | `{event}` | `{target}` |" for state in State for event, target in TRANSITIONS[state].items()]
    return "\n".join(("| state | event | next state |", "| --- | --- | --- |", *rows, ""))


def _enters() -> str:
    rows = [f"| `{state}` | {', '.join(f'`{command}`' for command in ON_ENTER[state])} |" for state in State]
    return "\n".join(("## What is done on entering a state\n", "| state | commands, in order |", "| --- | --- |", *rows, ""))
