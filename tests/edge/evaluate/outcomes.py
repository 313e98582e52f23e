"""Builds simulated presentations and what the cues said of them. All of it is made up."""

from __future__ import annotations

from pathlib import Path

from edge.evaluate.people import PersonId
from edge.evaluate.simulated.faces import Faces
from edge.evaluate.simulated.perform import Outcome
from edge.evaluate.simulated.plan import Forgery, Presentation
from edge.flow import ActionOutcome, CueKind, Standing
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import Species

PEOPLE = Faces({PersonId(f"p{number}"): (Path(f"p{number}.jpg"),) for number in range(6)})
PASSED = dict.fromkeys(CueKind, Standing.NOT_DENIED)


def outcome(
    species: Species = Species.LIVE,
    place: Place = Place.OFFICE,
    forgery: Forgery = Forgery.NONE,
    *,
    heard_out: bool = True,
    **said: Standing,
) -> Outcome:
    """Every cue lets it pass, but for those that are named."""
    presentation = Presentation(0, species, 0, place, 0, PersonId("p0"), PersonId("p1"), 7, forgery, heard_out)
    standings = tuple({**PASSED, **{CueKind(word): standing for word, standing in said.items()}}.items())
    return Outcome(presentation, (), standings, ActionOutcome.DONE, "", 30)
