"""Blink the status LED of a board without hardware, and show what it remembers.

python examples/blink_the_status_led.py
"""

from firmware.clock import SystemClock
from firmware.ports import LedPattern, StatusLed
from firmware.twin.parts import Recorder, RecordingLed


def blink(led: StatusLed, times: int) -> None:
    """Show that somebody is awake; works on any board, because it only knows the port."""
    for _ in range(times):
        led.show(LedPattern.IDLE)
        led.show(LedPattern.OFF)


def main() -> None:
    recorder = Recorder(SystemClock())
    blink(RecordingLed(recorder), 3)
    for happening in recorder.happenings:
        print(happening.part.value, happening.what)


if __name__ == "__main__":
    main()
