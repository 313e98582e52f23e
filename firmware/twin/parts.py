"""Parts that remember every call with its time, all in one list. Each may have a real one behind it, which then acts as well."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from firmware.errors import LightInvalidError
from firmware.frame import DARK, Light
from firmware.ports import (
    Button,
    Buzzer,
    Clock,
    Illuminator,
    LedPattern,
    Screen,
    Slowdown,
    Speaker,
    StatusLed,
    TamperSwitch,
    Tune,
    View,
)

# A unit that runs for weeks keeps the newest of them only.
MAX_HAPPENINGS = 10_000


class Part(StrEnum):
    """Which part of the unit something happened to."""

    LED = "led"
    ILLUMINATOR = "illuminator"
    SCREEN = "screen"
    TOUCH = "touch"
    SPEAKER = "speaker"
    BUTTON = "button"
    THERMOMETER = "thermometer"
    BUZZER = "buzzer"
    TAMPER = "tamper"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that a part was told or that was done to it."""

    at_ns: int
    part: Part
    what: str
    """LED: the pattern. Illuminator: word and duty ("LR 40"). Screen: the code. Touch: the choice. Speaker: "zh-CN: text".
    Button: "press". Thermometer: what it is made to tell, "85.0 throttled". Buzzer: the tune. Tamper: "opened" or "closed"."""


class Recorder:
    """The shared memory of a twin's parts, with the time of the clock it is given. Any thread may note."""

    def __init__(self, clock: Clock, listener: Callable[[Happening], None] | None = None) -> None:
        """The listener, if there is one, is called for each happening by the thread that caused it."""
        self._clock = clock
        self._listener = listener
        self._happenings: deque[Happening] = deque(maxlen=MAX_HAPPENINGS)
        self._lock = threading.Lock()

    def note(self, part: Part, what: str) -> Happening:
        """Remember it, tell the listener, and return it."""
        with self._lock:
            happening = Happening(self._clock.now_ns(), part, what)
            self._happenings.append(happening)
        if self._listener is not None:
            self._listener(happening)
        return happening

    @property
    def happenings(self) -> tuple[Happening, ...]:
        """All that happened, oldest first; the newest 10,000."""
        with self._lock:
            return tuple(self._happenings)

    def of(self, part: Part) -> tuple[str, ...]:
        """What happened to one part, oldest first."""
        return tuple(happening.what for happening in self.happenings if happening.part is part)


class RecordingLed:
    """A status LED that remembers."""

    def __init__(self, recorder: Recorder, real: StatusLed | None = None) -> None:
        self._recorder, self._real = recorder, real
        self.pattern = LedPattern.OFF

    def show(self, pattern: LedPattern) -> None:
        """Remember the pattern."""
        self.pattern = pattern
        self._recorder.note(Part.LED, pattern)
        if self._real:
            self._real.show(pattern)


class RecordingIlluminator:
    """A light that remembers. What a real one refuses is not remembered: it is dark."""

    def __init__(self, recorder: Recorder, real: Illuminator | None = None) -> None:
        self._recorder, self._real = recorder, real
        self.light = DARK

    def shine(self, light: Light) -> None:
        """Remember the light; raises LightInvalidError if it is not known."""
        if not light.known:
            raise LightInvalidError(light.word, "a light that is not known cannot be switched on")
        if self._real:
            self._real.shine(light)
        self.light = light
        self._recorder.note(Part.ILLUMINATOR, f"{light.word} {light.duty_percent}")

    def off(self) -> None:
        """Remember that it went dark."""
        if self._real:
            self._real.off()
        self.light = DARK
        self._recorder.note(Part.ILLUMINATOR, f"{DARK.word} {DARK.duty_percent}")


class RecordingScreen:
    """A screen that remembers."""

    def __init__(self, recorder: Recorder, real: Screen | None = None) -> None:
        self._recorder, self._real = recorder, real
        self.view: View | None = None
        self.done = 0.0
        """How much of the visit was done when last told."""

    def show(self, view: View) -> None:
        """Remember the view."""
        self.view = view
        self._recorder.note(Part.SCREEN, view.code)
        if self._real:
            self._real.show(view)

    def progress(self, done: float) -> None:
        """Remember how much is done; it is no happening of its own."""
        self.done = done
        if self._real:
            self._real.progress(done)

    def word(self) -> str:
        """The code now on the screen; empty while it is blank. An actor watches this."""
        return self.view.code if self.view is not None else ""


class RecordingTouches:
    """A screen that is touched by a program, and by a visitor who answers certain words of it by themselves."""

    def __init__(
        self, recorder: Recorder, word: Callable[[], str] = lambda: "", answers: Mapping[str, str] | None = None
    ) -> None:
        """`word` is what the screen says; `answers` maps such a word to the choice that the visitor touches when it appears."""
        self._recorder = recorder
        self._word, self._answers = word, dict(answers or {})
        self._answered = ""
        self._waiting: deque[str] = deque()

    def touch(self, choice: str) -> None:
        """Touch it once; any thread may."""
        self._recorder.note(Part.TOUCH, choice)
        self._waiting.append(choice)

    def taken(self) -> Iterable[str]:
        """Hand over the touches since the last call. An answer is given once for each time that its word appears."""
        word = self._word()
        if word != self._answered and word in self._answers:
            self.touch(self._answers[word])
        self._answered = word
        return tuple(self._waiting.popleft() for _ in range(len(self._waiting)))


class RecordingMirror:
    """A mirror that counts what it is given and keeps none of it."""

    def __init__(self) -> None:
        self.watched = False
        """Whether somebody looks; set it."""
        self.pictures = 0

    def wanted(self) -> bool:
        """Whether somebody looks."""
        return self.watched

    def reflect(self, jpeg: bytes) -> None:
        """Count it."""
        self.pictures += 1


class RecordingSpeaker:
    """A speaker that remembers; by itself it makes no sound."""

    def __init__(self, recorder: Recorder, real: Speaker | None = None) -> None:
        self._recorder, self._real = recorder, real

    def say(self, text: str, language: str) -> None:
        """Remember the text."""
        self._recorder.note(Part.SPEAKER, f"{language}: {text}")
        if self._real:
            self._real.say(text, language)


class RecordingButton:
    """A button that is pressed by a program, or by a finger where there is a real one."""

    def __init__(self, recorder: Recorder, real: Button | None = None) -> None:
        self._recorder, self._real = recorder, real
        self._presses: deque[int] = deque()

    def press(self) -> None:
        """Press it once; any thread may."""
        self._presses.append(self._recorder.note(Part.BUTTON, "press").at_ns)

    def presses(self) -> Iterable[int]:
        """Hand over the presses since the last call."""
        pressed = [self._presses.popleft() for _ in range(len(self._presses))]
        by_hand = list(self._real.presses()) if self._real else []
        for _ in by_hand:
            self._recorder.note(Part.BUTTON, "press")
        return tuple(sorted(pressed + by_hand))


class RecordingThermometer:
    """A thermometer that tells what a program makes it tell; nothing before."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._told: tuple[float | None, frozenset[Slowdown]] = (None, frozenset())

    def tell(self, celsius: float | None, *slowdowns: Slowdown) -> None:
        """From now on the board is so hot, or has no sensor, and is slowed down by these; any thread may."""
        self._told = (celsius, frozenset(slowdowns))
        self._recorder.note(Part.THERMOMETER, " ".join(["none" if celsius is None else f"{celsius:.1f}", *slowdowns]))

    def celsius(self) -> float | None:
        """The temperature it was made to tell."""
        return self._told[0]

    def slowdowns(self) -> frozenset[Slowdown]:
        """What it was made to tell."""
        return self._told[1]


class RecordingBuzzer:
    """A buzzer that remembers; by itself it makes no sound."""

    def __init__(self, recorder: Recorder, real: Buzzer | None = None) -> None:
        self._recorder, self._real = recorder, real

    def play(self, tune: Tune) -> None:
        """Remember the tune."""
        self._recorder.note(Part.BUZZER, tune)
        if self._real:
            self._real.play(tune)


class RecordingTamperSwitch:
    """The switch of a housing that a program opens and closes, or a hand where there is a real one; closed before."""

    def __init__(self, recorder: Recorder, real: TamperSwitch | None = None) -> None:
        self._recorder, self._real = recorder, real
        self._opened_ns: int | None = None
        self._by_hand_ns: int | None = None

    def open(self) -> None:
        """Open the housing; any thread may."""
        self._opened_ns = self._recorder.note(Part.TAMPER, "opened").at_ns

    def close(self) -> None:
        """Close it again."""
        self._recorder.note(Part.TAMPER, "closed")
        self._opened_ns = None

    def opened_since_ns(self) -> int | None:
        """Since when it is open; None while it is closed."""
        by_hand_ns = self._real.opened_since_ns() if self._real else None
        if by_hand_ns != self._by_hand_ns:
            self._by_hand_ns = by_hand_ns
            self._recorder.note(Part.TAMPER, "closed" if by_hand_ns is None else "opened")
        return min((at_ns for at_ns in (self._opened_ns, by_hand_ns) if at_ns is not None), default=None)
