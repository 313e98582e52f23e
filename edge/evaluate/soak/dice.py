"""What happens to a unit in a soak, thrown by seeded dice: which visitor comes, and what goes wrong meanwhile."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.flow import ActionKind
from firmware.twin.ailing import Ailment


class Mishap(StrEnum):
    """What goes wrong in one visit."""

    NONE = "none"
    CAMERA_HANGS = "camera hangs"
    CAMERA_DIES = "camera dies"
    CAMERA_FREEZES = "camera freezes"
    CAMERA_BLACK = "camera black"
    CAMERA_SHRINKS = "camera shrinks"
    CAMERA_MISSING = "camera missing"
    DISK_FULL = "disk full"
    HOT = "hot board"
    BUTTON = "button"
    CANCEL = "cancelled at the panel"
    DECLINE = "declined"
    PANEL_GONE = "panel gone"
    PANEL_BABBLES = "panel babbles"
    LANGUAGE = "language switched"
    TWO_PEOPLE = "two people"
    NOBODY = "nobody there"
    ATTACK = "attack"
    STRANGER = "stranger"


AILMENTS: Mapping[Mishap, Ailment] = {
    Mishap.CAMERA_HANGS: Ailment.HANGS,
    Mishap.CAMERA_DIES: Ailment.DIES,
    Mishap.CAMERA_FREEZES: Ailment.FREEZES,
    Mishap.CAMERA_BLACK: Ailment.BLACK,
    Mishap.CAMERA_SHRINKS: Ailment.SHRINKS,
}
EQUIPMENT = frozenset({*AILMENTS, Mishap.CAMERA_MISSING, Mishap.DISK_FULL})
"""After these a unit rests for some seconds and tries itself, so two never follow each other."""
HARMLESS = frozenset({Mishap.NONE, Mishap.HOT, Mishap.PANEL_GONE, Mishap.PANEL_BABBLES, Mishap.LANGUAGE})
"""Whoever is who they say they are must be accepted all the same."""
MENDED_FIRST = frozenset({Mishap.CAMERA_MISSING, Mishap.DISK_FULL})
"""No visit can take place until it is mended; then it must end as any other."""
WEIGHTS: Mapping[Mishap, int] = {
    **dict.fromkeys(Mishap, 4),
    Mishap.NONE: 60,
    Mishap.CAMERA_HANGS: 1,
    Mishap.CAMERA_DIES: 2,
    Mishap.CAMERA_MISSING: 2,
    Mishap.DISK_FULL: 2,
}
LIVING = (
    *("clips/lp_d9_challenge_actions.mp4", "clips/lp_d18_mouth_open.mp4", "clips/lp_d0_smile_blink.mp4"),
    *("clips/lp_d13_talking_glasses.mp4", "pad/clips/tvl_live_turn_nod.mp4", "pad/clips/wolf_live_blinks.mp4"),
)
"""Recordings of people whom a unit accepts, one each."""
LASTING = (LIVING[0],)
"""Long enough for a board that is hot, and takes its time; the head stays straight all the while."""
ACTORS: Mapping[str, ActionKind] = {LIVING[0]: ActionKind.BLINK, LIVING[1]: ActionKind.OPEN_MOUTH}
"""Those who by chance do what is asked."""
ATTACKS = ("pad/clips/tvl_replay_turn_nod.mp4", "pad/clips/wolf_replay_moire.mp4")
TWO_PEOPLE, NOBODY = "clips/intel_two_faces.mp4", "clips/intel_no_face.mp4"
ALL_CLIPS = (*LIVING, *ATTACKS, TWO_PEOPLE, NOBODY)
NETWORK_AWAY = 25
"""Once in so many visits the network goes away, for up to as many visits."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a soak."""

    number: int
    clip: str
    photo_of: str
    """The clip whose person the visitor claims to be."""
    mishap: Mishap
    action: ActionKind | None
    """What an active visit asks for; None for a passive one."""
    at_frame: int
    """When a mishap of camera, button or panel happens; long before a visit can end well."""
    network: bool
    """Whether results are taken away after it."""

    @property
    def may_accept(self) -> bool:
        """Whether the visitor may be accepted."""
        return self.mishap in HARMLESS or self.mishap in MENDED_FIRST

    @property
    def must_accept(self) -> bool:
        """Whether nothing stands against it: a passive visit of the right person."""
        return self.may_accept and self.action is None


def visits(seed: int) -> Iterator[Visit]:
    """Endless; the same seed throws the same."""
    dice = random.Random(seed)  # noqa: S311 - nothing is kept secret with it
    number, away, before = 0, 0, Mishap.NONE
    while True:
        number += 1
        mishap = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if before in EQUIPMENT and mishap in EQUIPMENT:
            mishap = Mishap.NONE
        before = mishap
        away = dice.randint(1, NETWORK_AWAY) if not away and dice.randrange(NETWORK_AWAY) == 0 else max(0, away - 1)
        clip, other = dice.sample(LIVING, 2)
        clip = dice.choice(LASTING) if mishap is Mishap.HOT else clip
        action = ACTORS.get(clip) if mishap is Mishap.NONE and dice.random() < 0.5 else None
        shown = {Mishap.ATTACK: dice.choice(ATTACKS), Mishap.TWO_PEOPLE: TWO_PEOPLE, Mishap.NOBODY: NOBODY}.get(mishap, clip)
        photo_of = other if mishap is Mishap.STRANGER else clip
        yield Visit(number, shown, photo_of, mishap, action, dice.randint(4, 20), not away)
