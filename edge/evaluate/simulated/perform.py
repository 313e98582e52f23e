"""Plays one presentation before the very attempt of the product.

One that is heard out goes on when a cue has denied: every cue has its say, and what they said is weighed afterwards, with the
thresholds that ship. It is cut short only where its outcome is settled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from edge.attempt import Attempt, Ending
from edge.engine import Engine
from edge.errors import LivenessBrokenError
from edge.evaluate.simulated.faces import Faces, worn_for
from edge.evaluate.simulated.forgeries import truth_of
from edge.evaluate.simulated.plan import Presentation
from edge.flow import ActionOutcome, CueKind, Standing
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.rules import Rules, rules_for
from edge.session.challenge import challenge_of
from edge.session.states import Event
from edge.session.weigh import weigh
from firmware.board import Board, BoardKind
from firmware.clock import SystemClock
from firmware.frame import Emitter
from firmware.strobe import Strobe
from firmware.twin.parts import Recorder, RecordingButton, RecordingLed, RecordingScreen, RecordingSpeaker
from firmware.twin.physics.geometry import Lens
from firmware.twin.physics.lights import Rig
from firmware.twin.physics.sensor import Sensor
from firmware.twin.scene import LampFaults, Lamps, SceneCamera, SceneLamp
from firmware.twin.staging import Casting, stage
from wire.reasons import Reason
from wire.result import Mode

FRAMES_PER_SECOND, SYMBOL_FRAMES = 10.0, 2
"""A third of a camera's frames, in symbols as long as a unit's: about what a slow board keeps up with."""
WITHOUT_WHITE = 0.25
"""Share of the units that have no white lamp."""
WIDE_PX, TALL_PX = 384, 320
"""As much as a face needs that nods and turns."""
ENDS_AFTER_S = 45.0
PATIENCE_SYMBOLS = 64
"""Four times a code; a unit would go on asking until the time of the attempt is over."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the cues said of one presentation."""

    presentation: Presentation
    scores: tuple[tuple[CueKind, float], ...]
    """Of the cues that were measured."""
    standings: tuple[tuple[CueKind, Standing], ...]
    """Against the thresholds that ship; an action that was not done is missing."""
    action: ActionOutcome
    hindrance: str
    """What kept it from being judged: a reason, or empty."""
    frames: int


Settled = Callable[[Attempt, Rules], bool]
"""Whether nothing that may still come would matter."""


def nothing_open(attempt: Attempt, rules: Rules) -> bool:
    """When two cues deny, switching one of them off lets nobody pass."""
    denied = [one for one in weigh(attempt.evidence, rules) if one.standing is Standing.DENIED]
    return (attempt.asking is not None and len(denied) > 1) or unread(attempt)


def unread(attempt: Attempt) -> bool:
    """Whether the light could not be read for so long that there will be no response."""
    answer = attempt.evidence.answer
    return answer is not None and answer.code is None and answer.symbols >= PATIENCE_SYMBOLS


def perform(presentation: Presentation, faces: Faces, engine: Engine, settled: Settled = nothing_open) -> Outcome | None:
    """Play it; None when nobody's photo can be worn. Raises `ModelError` when a network fails."""
    worn, behind = (worn_for(faces, person, engine.eyes) for person in (presentation.person, presentation.behind))
    if worn is None or behind is None:
        return None
    dice = np.random.default_rng(presentation.seed)
    casting = Casting(
        species=presentation.species,
        variant=presentation.variant,
        face=worn,
        behind=behind,
        place=presentation.place,
        place_variant=presentation.place_variant,
        seed=presentation.seed,
        eye_distance_px=dice.uniform(46, 66),
        rig=_rig(dice),
        lens=Lens(WIDE_PX, TALL_PX, focal_px=dice.uniform(260, 380)),
        sensor=Sensor(tone=dice.uniform(1.9, 2.4)),
        frames_per_second=FRAMES_PER_SECOND,
        ends_after_s=ENDS_AFTER_S,
    )
    # The twin plays few frames a second, and slower blinks, to save time: it asks for blinks all the same.
    rules = replace(rules_for(engine.rules, Mode.FULL), ends_on_denial=not presentation.heard_out, blink_frames_per_s=0.0)
    return _outcome(presentation, _play(presentation, casting, dice, engine, rules, settled), rules)


def _rig(dice: np.random.Generator) -> Rig:
    """Lamps of another unit each time: nearer or farther from the lens, new or aged."""
    side, level = dice.uniform(3.5, 7.0), dice.uniform(-1.0, 1.0)
    places = {
        Emitter.LEFT: (-side, level),
        Emitter.RIGHT: (side, level),
        Emitter.VISIBLE: (0.0, -5.0),
        Emitter.TOP: (0.0, -5.0),
    }
    new = Rig().power
    return Rig(places, {emitter: dice.uniform(0.6, 1.0) * new[emitter] for emitter in Emitter})


def _play(
    presentation: Presentation, casting: Casting, dice: np.random.Generator, engine: Engine, rules: Rules, settled: Settled
) -> Ending:
    recorder = Recorder(SystemClock())
    lamps, screen = Lamps(LampFaults(late_ms=dice.uniform(0, 3))), RecordingScreen(recorder)
    strobe = Strobe("LR" if dice.random() < WITHOUT_WHITE else "LRV", FRAMES_PER_SECOND, SYMBOL_FRAMES)
    challenge = challenge_of(presentation.seed.to_bytes(16, "big"), Mode.FULL, strobe.lamps, strobe.symbol_ns)
    coded = challenge.code.lamps if challenge.code else ""
    truth = truth_of(presentation.forgery, lamps, coded, strobe.symbol_ns, dice)
    board = Board(
        kind=BoardKind.TWIN,
        camera=SceneCamera("scene", stage(casting), lamps, screen.word, truth),
        illuminator=SceneLamp(lamps, recorder),
        led=RecordingLed(recorder),
        screen=screen,
        speaker=RecordingSpeaker(recorder),
        button=RecordingButton(recorder),
        clock=SystemClock(),
        strobe=strobe,
    )
    with board:
        attempt = Attempt(engine.pipeline(challenge.code), rules, challenge, Performer(board, load_catalogue("en")), lambda: 0)
        return attempt.run(board.camera.frames(), lambda: (Event.CANCELLED,) if settled(attempt, rules) else ())


def _outcome(presentation: Presentation, ending: Ending, rules: Rules) -> Outcome:
    if ending.trouble is Reason.LIVENESS_UNAVAILABLE:
        raise LivenessBrokenError("simulation")
    findings = weigh(ending.evidence, rules)
    unheard = [one for one in findings if one.standing is Standing.MISSING and one.kind is not CueKind.ACTION]
    reason = next((one.reason for one in unheard if one.reason), ending.hindrance or Reason.TIMED_OUT) if unheard else None
    return Outcome(
        presentation,
        tuple((one.kind, float(one.score)) for one in findings if one.score is not None),
        tuple((one.kind, one.standing) for one in findings),
        ending.evidence.outcome,
        reason.value if reason else "",
        ending.frames,
    )
