"""What the voice says of a view, and all that it can ever say: the sentences that are rendered where a package is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.prompts.catalogue import Catalogue, ScreenCode
from firmware.ports import View
from wire.reasons import Reason


def spoken_text(view: View) -> str:
    """What the voice says: cause and remedy, as on the screen."""
    return " ".join(filter(None, (view.title, view.remedy)))


def calling_staff(catalogue: Catalogue, reason: Reason) -> View:
    """The cause of a reason, with the call for somebody who helps in place of its remedy."""
    return replace(catalogue.view(reason), remedy=catalogue.view(ScreenCode.CALL_STAFF).title)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing that is said, and the sentences that it is made of."""

    text: str
    """What the speaker is told, to the letter."""
    parts: tuple[str, ...]


def every_sentence(catalogue: Catalogue) -> Iterator[Spoken]:
    """All that is ever said in a language, each once, in the order of the catalogue."""
    views = [catalogue.view(code) for code in (*ScreenCode, *Reason)]
    calls = [calling_staff(catalogue, reason) for reason in Reason]
    yield from dict.fromkeys(
        Spoken(spoken_text(view), tuple(filter(None, (view.title, view.remedy)))) for view in (*views, *calls)
    )
