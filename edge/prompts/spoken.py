"""What the voice says of a view, and all that it can ever say: the sentences that are rendered where a package is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.prompts.catalogue import Catalogue, ScreenCode
from firmware.ports import Mood, View
from wire.reasons import Reason


def spoken_text(view: View) -> str:
    """What the voice says, in one breath."""
    return " ".join(spoken_parts(view))


def spoken_parts(view: View) -> tuple[str, ...]:
    """Title and remedy, as on the screen; and what is agreed to, for nobody must agree to what they cannot read (R62, R67).

    Other lines are not spoken: they hold numbers and places, which are there to be read, or copied down.
    """
    lines = view.lines if view.mood is Mood.CONSENT else ()
    return tuple(filter(None, (view.title, *lines, view.remedy)))


def calling_staff(catalogue: Catalogue, reason: Reason) -> View:
    """The cause of a reason, with the call for somebody who helps in place of its remedy."""
    return replace(catalogue.view(reason), remedy=catalogue.view(ScreenCode.CALL_STAFF).title)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing that is said, and the sentences that it is made of."""

    text: str
    """What the speaker is told, to the letter."""
    parts: tuple[str, ...]


def every_sentence(catalogue: Catalogue, asked_by: tuple[str, ...] = ()) -> Iterator[Spoken]:
    """All that is ever said in a language, each once, in the order of the catalogue; `asked_by` is what a programme's sheet adds
    to the question for consent."""
    views = [catalogue.view(code) for code in (*ScreenCode, *Reason)]
    consent = catalogue.view(ScreenCode.CONSENT)
    asked = [replace(consent, lines=(*asked_by, *consent.lines))]
    calls = [calling_staff(catalogue, reason) for reason in Reason]
    yield from dict.fromkeys(Spoken(spoken_text(view), spoken_parts(view)) for view in (*views, *asked, *calls))
