"""The monotonic clock of the machine."""

import time


class SystemClock:
    """Tells the machine's monotonic time; never the time of day."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary start, never going back."""
        return time.monotonic_ns()
