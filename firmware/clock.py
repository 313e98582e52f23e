"""The monotonic clocks of the machine."""

import time


class SystemClock:
    """Tells the machine's monotonic time; never the time of day."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary start, never going back."""
        return time.monotonic_ns()


class BootClock:
    """Tells the time since the machine started, sleep included: the clock of a camera's time stamps (Linux, CLOCK_BOOTTIME)."""

    def now_ns(self) -> int:
        """Nanoseconds since the start, never going back."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
