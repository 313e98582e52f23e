"""Where a camera's thread and the main loop meet: a place for one thing, in which the newest wins.

It keeps no queue: a frame that nobody took in time is of no use to anyone.
"""

import threading
from typing import Generic, TypeVar

from firmware.errors import CameraClosedError

T = TypeVar("T")


class NewestSlot(Generic[T]):
    """Holds at most one item. `put` and `close` are called by the driver's thread, `take` by the main loop."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> None:
        """Leave an item, in place of one that was not taken yet."""
        with self._changed:
            self._item = item
            self._changed.notify()

    def take(self, timeout_s: float) -> T | None:
        """Wait for an item and take it away; None if none came in time. Raises CameraClosedError after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._item is not None, timeout_s)
            if self._closed:
                raise CameraClosedError
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Wake and turn away whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
