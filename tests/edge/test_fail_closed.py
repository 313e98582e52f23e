"""Whatever breaks in whichever cue, nobody is accepted, and a reason is given: an error, a timeout, no number, nothing at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count

import numpy as np
import pytest

from edge.attempt import Attempt
from edge.conclude import Judgement, judge, statement
from edge.errors import LivenessBrokenError
from edge.flow import ActionKind, LightAnswer, LivenessScore, TrackId
from edge.imaging import Pixels
from edge.likeness import Standard
from edge.perform import Performer
from edge.prompts.catalogue import load_catalogue
from edge.rules import rules_for
from edge.session.challenge import STILL, Challenge
from edge.stages import infrared
from edge.stages.answer import CodeAnswer
from edge.stages.face_grid import TONE
from edge.stages.lamp_response import Response, respond
from edge.stages.match import Embedding, Points
from edge.stages.relief import Relief
from firmware.clock import SystemClock
from firmware.errors import CameraStalledError
from firmware.frame import Frame, frame_from_bgr
from firmware.ports import Illuminator
from firmware.twin.parts import Recorder, RecordingIlluminator
from models.errors import NetworkFailedError
from models.runtime import Network
from tests.edge.observations import RULES
from tests.edge.session.test_light_code import code_of
from tests.edge.stages.lamplight import head, shaded_at
from tests.edge.test_conclude import HEAD, OCCASION, ORIGIN
from tests.fakes.networks import Answering, Breaking, Poisoned, Tensor
from tests.fakes.parts import ScriptedCamera, twin_board
from tests.fakes.stage import HEIGHT_PX, WIDTH_PX, Scene, Stage, embedding_of
from tests.models.made_up import card
from wire.reasons import Reason
from wire.result import Mode, ResultStatement, Verdict

LIMIT = LivenessScore(0.5)
SHORT = replace(
    RULES,
    times=replace(RULES.times, attempt_ms=6500, action_ms=2500),
    thresholds=replace(RULES.thresholds, texture_lit=LIMIT, code=LIMIT, relief=LIMIT),
)
CODE = code_of(b"nonce", "LR")
CHALLENGES: Mapping[Mode, Challenge] = {
    Mode.PASSIVE: STILL,
    Mode.ACTIVE: Challenge((ActionKind.BLINK,)),
    Mode.FULL: Challenge((ActionKind.BLINK, ActionKind.OPEN_MOUTH), CODE),
}
MODES = tuple(Mode)
WITH_ACTION = (Mode.ACTIVE, Mode.FULL)
NO_NUMBERS = (math.nan, math.inf)
ERRORS = (NetworkFailedError(card(), "out of memory"), RuntimeError("anything"), TimeoutError("too long"))

Answer = Callable[[int], LightAnswer | None]
"""What the face has answered after so many frames."""


def acting(at_ms: float) -> Scene:
    """Somebody who blinks and opens the mouth, again and again."""
    beat = at_ms % 1000
    return Scene(eyes=0.05 if 100 <= beat < 300 else 0.30, mouth=0.8 if 500 <= beat < 800 else 0.0)


def convincing(seen: int) -> LightAnswer | None:
    return LightAnswer(seen // 2, LivenessScore(0.9), LivenessScore(0.9), None) if seen > 20 else None


class Probe:
    """Stands in for the infrared probe, and answers what a test wants."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self._seen = answer, 0

    def look(self, frame: Frame, track: TrackId | None, points: Points | None) -> LightAnswer | None:
        self._seen += 1
        return self._answer(self._seen)

    def forget(self) -> None:
        """It remembers nothing but how often it looked."""


@dataclass(frozen=True)
class Faults:
    """What is wrong with a unit; nothing, unless it is named."""

    networks: Mapping[str, Callable[[Network], Network]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    answer: Answer | None = convincing
    """None for the real probe, before which a real head sits."""
    lasts_ms: float = 60_000
    error: Exception | None = None
    """How the camera ends."""


def judged(mode: Mode, faults: Faults) -> Judgement:
    """How the right person is judged, who does all that is asked for."""
    stage = Stage(acting, fps=10, lasts_ms=faults.lasts_ms)
    rules = rules_for(replace(SHORT, thresholds=replace(SHORT.thresholds, **faults.limits)), mode)  # type: ignore[arg-type]
    engine = stage.engine(rules, **{name: spoil(stage.networks[name]) for name, spoil in faults.networks.items()})
    pipeline = engine.pipeline(CHALLENGES[mode].code)
    board = twin_board(ScriptedCamera(stage.frames, faults.error), Recorder(SystemClock()))
    frames = board.camera.frames()
    if mode is Mode.FULL and faults.answer:
        pipeline = replace(pipeline, infrared=Probe(faults.answer))  # type: ignore[arg-type]  # it obeys its two methods
    elif mode is Mode.FULL:
        frames = lit(stage, frames, board.illuminator)
    ticks = count()
    attempt = Attempt(pipeline, rules, CHALLENGES[mode], Performer(board, load_catalogue("en")), lambda: next(ticks))
    standard = Standard(Embedding(embedding_of(1)), rules.thresholds)
    return judge(attempt.run(frames, tuple), (standard,), engine.embedder, rules)


def outcome(mode: Mode, faults: Faults) -> ResultStatement:
    """What the unit would sign about the same person."""
    return statement(judged(mode, faults), ORIGIN, replace(OCCASION, mode=mode), HEAD)


def lit(stage: Stage, frames: Iterator[Frame], lamps: Illuminator) -> Iterator[Frame]:
    """The same frames with a head in them, in whatever light the lamps give just then."""
    assert isinstance(lamps, RecordingIlluminator)
    for frame in frames:
        stage.shows(picture(lamps.light.word))
        yield frame_from_bgr(picture(lamps.light.word).copy(), frame.captured_ns, frame.sequence, lamps.light)


@cache
def picture(word: str) -> Pixels:
    """The head of the stage under these lamps."""
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(np.float64)
    lamps = (shaded_at(head, lamp, (x - 160) / 48.4, (y - 106.8) / 48.4, 0.2) for lamp in word if lamp in "LR")
    skin = np.random.default_rng(6).uniform(0.8, 1.2, (HEIGHT_PX, WIDTH_PX))
    tone = 255 * np.clip((0.1 + sum(lamps)) * skin, 0, 1) ** (1 / TONE)
    return np.repeat(tone.astype(np.uint8)[:, :, None], 3, axis=2)


def assert_refused(made: ResultStatement) -> None:
    assert made.verdict is not Verdict.ACCEPTED
    assert made.reasons


@pytest.mark.parametrize("mode", MODES)
def test_where_nothing_is_wrong_the_right_person_is_accepted(mode: Mode) -> None:
    """Else the other tests would prove nothing."""
    made = outcome(mode, Faults())

    assert (made.verdict, made.reasons) == (Verdict.ACCEPTED, ())


def test_where_nothing_is_wrong_the_right_person_is_accepted_by_the_real_probe_too() -> None:
    made = outcome(Mode.FULL, Faults(answer=None))

    assert (made.verdict, made.reasons) == (Verdict.ACCEPTED, ())
    assert {cue.cue for cue in made.liveness} == {"texture", "action", "code", "relief"}


def raising(error: Exception, good_runs: int) -> Callable[[Network], Network]:
    def spoil(network: Network) -> Network:
        runs = count()

        def run(tensor: Tensor) -> tuple[Tensor, ...]:
            if next(runs) >= good_runs:
                raise error
            return network.run(tensor)

        return Answering(run)

    return spoil


def saying_only(what: float, good_runs: int) -> Callable[[Network], Network]:
    return lambda network: Poisoned(network, what, good_runs)


def empty(_: Network) -> Network:
    """Says as many things as the largest network, and each of them is empty."""
    return Answering(lambda _: (np.zeros((1, 0), dtype=np.float32),) * 2)


def nothing(_: Network) -> Network:
    return Answering(lambda _: ())


def one_empty(_: Network) -> Network:
    return Answering(lambda _: (np.zeros((1, 0), dtype=np.float32),))


SPOILS = [
    *(pytest.param(raising(error, 0), id=type(error).__name__) for error in ERRORS),
    pytest.param(raising(RuntimeError(), 1), id="late-error"),
    *(pytest.param(saying_only(what, 0), id=str(what)) for what in NO_NUMBERS),
    pytest.param(saying_only(math.nan, 1), id="late-nan"),
    *(pytest.param(spoil, id=spoil.__name__) for spoil in (empty, one_empty, nothing)),
]


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize(
    ("mode", "name"),
    [
        (Mode.PASSIVE, "minifasnet_v2"),
        (Mode.PASSIVE, "minifasnet_v1se"),
        (Mode.ACTIVE, "minifasnet_v2"),
        (Mode.FULL, "minifasnet_v1se"),
    ],
)
def test_a_texture_that_fails_accepts_nobody(mode: Mode, name: str, spoil: Callable[[Network], Network]) -> None:
    assert_refused(outcome(mode, Faults({name: spoil})))


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("mode", WITH_ACTION)
def test_landmarks_that_fail_accept_nobody(mode: Mode, spoil: Callable[[Network], Network]) -> None:
    assert_refused(outcome(mode, Faults({"landmarks478": spoil})))


@pytest.mark.parametrize(
    ("mode", "reasons"), [(Mode.ACTIVE, (Reason.OCCLUDED, Reason.TIMED_OUT)), (Mode.FULL, (Reason.TIMED_OUT,))]
)
def test_a_face_in_which_no_mesh_fits_is_hidden_and_never_asked_for_an_action(mode: Mode, reasons: tuple[Reason, ...]) -> None:
    no_face = (np.zeros((1, 1, 1, 1434), dtype=np.float32), np.full((1, 1, 1, 1), -5, dtype=np.float32))

    made = outcome(mode, Faults({"landmarks478": lambda _: Answering(lambda _: no_face)}))

    assert (made.verdict, made.reasons) == (Verdict.REFUSED, reasons)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(Breaking, id="error"),
        pytest.param(lambda network: Breaking(network, good_runs=1), id="late-error"),
        *(pytest.param(saying_only(what, 0), id=str(what)) for what in (*NO_NUMBERS, 0.0)),
        pytest.param(saying_only(math.nan, 1), id="late-nan"),
        pytest.param(one_empty, id="empty"),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_matcher_that_fails_accepts_nobody(mode: Mode, spoil: Callable[[Network], Network]) -> None:
    made = outcome(mode, Faults({"embedder": spoil}))

    assert (made.verdict, made.reasons) == (Verdict.ABORTED, (Reason.MATCHER_UNAVAILABLE,))


@pytest.mark.parametrize("lasts_ms", [0, 700, 1900])
@pytest.mark.parametrize("error", [None, CameraStalledError("usb:0", "no picture"), TimeoutError()], ids=["end", "stall", "time"])
@pytest.mark.parametrize("mode", MODES)
def test_a_camera_that_ends_too_soon_accepts_nobody(mode: Mode, error: Exception | None, lasts_ms: float) -> None:
    assert_refused(outcome(mode, Faults(lasts_ms=lasts_ms, error=error)))


@pytest.mark.parametrize(
    ("mode", "limit"),
    [
        *((mode, "match") for mode in MODES),
        (Mode.PASSIVE, "texture"),
        (Mode.ACTIVE, "texture"),
        *((Mode.FULL, limit) for limit in ("texture_lit", "code", "relief")),
    ],
)
@pytest.mark.parametrize("what", [math.nan, math.inf])
def test_a_threshold_that_is_no_number_accepts_nobody(mode: Mode, limit: str, what: float) -> None:
    decision = judged(mode, Faults(limits={limit: what})).decision

    assert decision.verdict is not Verdict.ACCEPTED
    assert decision.reasons


def saying(code: float | None = 0.9, relief: float | None = 0.9, hindrance: Reason | None = None) -> Answer:
    """The same answer all the time, given often enough to be final."""
    return lambda seen: LightAnswer(4 * seen, scored(code), scored(relief), hindrance)


def scored(number: float | None) -> LivenessScore | None:
    return None if number is None else LivenessScore(number)


def breaking(error: Exception, good: int) -> Answer:
    def answer(seen: int) -> LightAnswer | None:
        if seen > good:
            raise error
        return None

    return answer


ANSWERS = [
    *(pytest.param(saying(code=what), id=f"code-{what}") for what in (*NO_NUMBERS, None, 0.1, 0.0, -3.0)),
    *(pytest.param(saying(relief=what), id=f"relief-{what}") for what in (*NO_NUMBERS, None, 0.1, 0.0)),
    pytest.param(saying(None, None), id="neither"),
    pytest.param(saying(math.nan, math.nan), id="both-nan"),
    *(
        pytest.param(saying(None, None, reason), id=reason.value)
        for reason in (Reason.LIGHT_FAULT, Reason.TOO_MUCH_AMBIENT, Reason.TOO_BRIGHT)
    ),
    pytest.param(lambda _: None, id="never"),
    *(
        pytest.param(breaking(error, good), id=f"{type(error).__name__}-{good}")
        for error, good in ((ERRORS[0], 0), (ERRORS[1], 15), (ERRORS[2], 0), (LivenessBrokenError("light"), 15))
    ),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_to_the_lamps_that_fails_accepts_nobody(answer: Answer) -> None:
    assert_refused(outcome(Mode.FULL, Faults(answer=answer)))


NOWHERE = np.full((8, 5), np.nan)


def numbers_of(response: Response, what: float) -> Response:
    lamps = {lamp: np.full_like(light, what) for lamp, light in response.lamps.items()}
    return replace(response, lamps=lamps)


BELOW: list[tuple[str, Callable[..., object]]] = [
    ("answer_of", lambda *_: CodeAnswer(math.nan, math.nan, math.nan)),
    ("answer_of", lambda *_: CodeAnswer(0.9, math.nan, 0.1)),
    ("answer_of", lambda *_: CodeAnswer(math.nan, 0.1, 0.1)),
    ("answer_of", lambda *_: CodeAnswer(0.2, 0.2, 0.2)),
    ("relief_of", lambda *_: Relief(NOWHERE, NOWHERE, shine=math.nan, noise=math.nan, clipped=0.0)),
    ("relief_of", lambda *_: Relief(np.zeros((0, 0)), np.zeros((0, 0)), shine=0.0, noise=0.0, clipped=0.0)),
    ("respond", lambda looks, lamps, real=respond: numbers_of(real(looks, lamps), math.nan)),
    ("respond", lambda looks, lamps, real=respond: replace(real(looks, lamps), lamps={})),
    ("respond", lambda looks, lamps, real=respond: real([], lamps)),
    ("light_of", lambda *_: []),
    ("hindrance_of", lambda *_: Reason.LIGHT_FAULT),
    ("hindrance_of", lambda *_: Reason.TOO_MUCH_AMBIENT),
]


@pytest.mark.parametrize(("name", "instead"), BELOW, ids=[f"{name}-{at}" for at, (name, _) in enumerate(BELOW)])
def test_a_step_of_the_real_probe_that_answers_nonsense_accepts_nobody(
    monkeypatch: pytest.MonkeyPatch, name: str, instead: Callable[..., object]
) -> None:
    monkeypatch.setattr(infrared, name, instead)

    assert_refused(outcome(Mode.FULL, Faults(answer=None)))


@pytest.mark.parametrize("error", ERRORS[:2], ids=["ModelError", "RuntimeError"])
@pytest.mark.parametrize("name", ["light_of", "answer_of", "respond", "hindrance_of", "relief_of"])
def test_a_step_of_the_real_probe_that_breaks_is_a_fault_of_the_unit(
    monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    def broken(*_: object) -> object:
        raise error

    monkeypatch.setattr(infrared, name, broken)

    made = outcome(Mode.FULL, Faults(answer=None))

    assert (made.verdict, made.reasons) == (Verdict.ABORTED, (Reason.LIVENESS_UNAVAILABLE,))
