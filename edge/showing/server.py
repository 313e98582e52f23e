"""The end of the stage socket where `lifecert-edge` stands: a screen, a mirror and touches, whoever looks at the other end.

One thread serves all panels. The main loop only leaves the newest of each kind behind and goes on, so a panel that is slow, dead
or hostile costs it nothing: what a panel has not read when something newer comes, it never gets.
"""

from __future__ import annotations

import errno
import logging
import os
import selectors
import socket
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.showing.errors import StageLineError, StageTakenError
from edge.showing.messages import (
    LONGEST_UP_BYTES,
    Condition,
    Down,
    Ordered,
    Progress,
    Reflection,
    Touch,
    Watching,
    down_line,
    read_up,
)
from firmware.ports import Mood, View

log = logging.getLogger("lifecert.showing")

MOST_PANELS = 4
"""A screen, an operator's page, and some that are just being closed."""
MOST_TOUCHES = 16
"""So many wait for the main loop; whoever hammers the screen is not heard more often."""
_READ_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _News:
    """The newest of each kind; None where there was none yet, or where it was taken."""

    view: View | None = None
    condition: Condition | None = None
    progress: Progress | None = None
    reflection: Reflection | None = None

    def with_one(self, message: Down) -> _News:
        match message:
            case View():
                # What was done of the view before, and what it reflected, is not that of this one.
                return replace(self, view=message, progress=None)
            case Progress():
                return replace(self, progress=message)
            case Reflection():
                return replace(self, reflection=message)
            case Condition():
                return replace(self, condition=message)

    def messages(self) -> tuple[Down, ...]:
        """The view first: it is what somebody waits for."""
        return tuple(one for one in (self.view, self.condition, self.progress, self.reflection) if one is not None)


@dataclass(slots=True, eq=False)
class _Panel:
    """One that is connected. Only the server's thread touches it, `news` apart, which the lock guards."""

    connection: socket.socket
    news: _News
    sending: bytes = b""
    heard: bytes = b""
    watching: bool = False


@dataclass(slots=True, eq=False)
class StageServer:
    """Obeys the ports Screen, Mirror and Touches. Open it with `with`; the folder of the socket must exist.

    Raises `StageTakenError` when it cannot be opened. Whoever may write to the socket (mode 0660) may touch.
    """

    path: Path
    last_number: int = 0
    """Of the showing of a view; the next one has the next number."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _standing: _News = field(default_factory=_News)
    """What a panel gets when it connects."""
    _panels: list[_Panel] = field(default_factory=list)
    _touches: deque[Touch | Ordered] = field(default_factory=lambda: deque(maxlen=MOST_TOUCHES))
    _since: Mapping[str, int] = field(default_factory=dict)
    """Each choice that stands now, and since which showing it has stood without a break. Only the main loop comes here."""
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _listener: socket.socket | None = None
    _wake: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)
    _closing: bool = False
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._listener = _listen(self.path)
        for each in (self._listener, self._wake[0]):
            each.setblocking(False)
            self._selector.register(each, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="stage", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing = True
        self._rouse()
        if self._thread is not None:
            self._thread.join(timeout=5)
        for each in (self._listener, *self._wake, *(panel.connection for panel in self._panels)):
            if each is not None:
                each.close()
        self._selector.close()
        self.path.unlink(missing_ok=True)

    # --- the ports: the main loop calls -----------------------------------------------------------------------------

    def show(self, view: View) -> None:
        """Show this view on all panels, and on those that come later; returns at once."""
        self.last_number += 1
        # A question is another one each time, though it looks the same: what was touched before is no answer to it.
        before = {} if view.mood is Mood.CONSENT else self._since
        self._since = {choice.code: before.get(choice.code, self.last_number) for choice in view.choices}
        self._leave(replace(view, number=self.last_number))

    def progress(self, done: float) -> None:
        """Show how much is done, 0 to 1; returns at once."""
        self._leave(Progress(done))

    def tell(self, condition: Condition) -> None:
        """Tell how the unit is; returns at once."""
        self._leave(condition)

    def wanted(self) -> bool:
        """Whether a panel looks into the mirror."""
        return any(panel.watching for panel in self._panels)

    def reflect(self, jpeg: bytes) -> None:
        """Show this picture to those who look; it is forgotten with the next one, and not shown to who comes later."""
        self._leave(Reflection(jpeg))

    def taken(self) -> Iterable[str]:
        """What was touched since the last call and has stood on the screen from the touch until now, and what was ordered.

        A touch that comes late is for nothing: what it was meant for is gone.
        """
        touched = [self._touches.popleft() for _ in range(len(self._touches))]
        return tuple(each for one in touched if (each := self._heeded(one)) is not None)

    def _heeded(self, said: Touch | Ordered) -> str | None:
        match said:
            case Ordered(order):
                return order
            case Touch(choice, view):
                return choice if choice in self._since and self._since[choice] <= view <= self.last_number else None

    def _leave(self, message: Down) -> None:
        with self._lock:
            if isinstance(message, Reflection):
                watching = [panel for panel in self._panels if panel.watching]
            else:
                watching = self._panels
                self._standing = self._standing.with_one(message)
            for panel in watching:
                panel.news = panel.news.with_one(message)
        self._rouse()

    def _rouse(self) -> None:
        try:
            self._wake[1].send(b"!", socket.MSG_DONTWAIT)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EBADF):  # It is awake already, or closed.
                raise

    # --- the server's thread ----------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._closing:
            for key, events in self._selector.select(timeout=1.0):
                self._attend(key, events)
            self._set_out()

    def _attend(self, key: selectors.SelectorKey, events: int) -> None:
        if key.fileobj is self._listener:
            self._welcome(self._listener)
        elif key.fileobj is self._wake[0]:
            self._wake[0].recv(_READ_BYTES)
        else:
            panel: _Panel = key.data
            if events & selectors.EVENT_WRITE:
                self._send(panel)
            if events & selectors.EVENT_READ and panel in self._panels:
                self._hear(panel)

    def _welcome(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # It went again before it was served.
        if len(self._panels) >= MOST_PANELS:
            log.warning("panel refused: too many are connected")
            connection.close()
            return
        connection.setblocking(False)
        with self._lock:
            panel = _Panel(connection, self._standing)
            self._panels.append(panel)
        self._selector.register(connection, selectors.EVENT_READ, panel)

    def _set_out(self) -> None:
        """Begin the next message of each panel that has one and is not in the middle of another."""
        for panel in tuple(self._panels):
            if not panel.sending:
                with self._lock:
                    news, panel.news = panel.news, _News()
                panel.sending = b"".join(map(down_line, news.messages()))
                if panel.sending:
                    self._send(panel)

    def _send(self, panel: _Panel) -> None:
        try:
            panel.sending = panel.sending[panel.connection.send(panel.sending) :]
        except BlockingIOError:
            pass  # It reads slowly: the selector says when it goes on.
        except OSError:
            self._part_from(panel)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if panel.sending else 0)
        self._selector.modify(panel.connection, wanted, panel)

    def _hear(self, panel: _Panel) -> None:
        try:
            came = panel.connection.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            came = b""
        *lines, panel.heard = (panel.heard + came).split(b"\n")
        try:
            for line in lines:
                self._take(panel, line)
            if len(panel.heard) > LONGEST_UP_BYTES:
                raise StageLineError("a line without an end")
        except StageLineError as error:
            log.warning("panel cut off", extra={"why": error.why})
            came = b""
        if not came:
            self._part_from(panel)

    def _take(self, panel: _Panel, line: bytes) -> None:
        match read_up(line):
            case Watching(mirror):
                panel.watching = mirror
            case Touch() | Ordered() as said:
                self._touches.append(said)

    def _part_from(self, panel: _Panel) -> None:
        self._selector.unregister(panel.connection)
        panel.connection.close()
        with self._lock:
            self._panels.remove(panel)


def _listen(path: Path) -> socket.socket:
    """A listening socket; one that a dead process left behind is replaced, one that is served is not."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen(MOST_PANELS)
    except OSError as error:
        listener.close()
        raise StageTakenError(path, os.strerror(error.errno) if error.errno else str(error)) from error
    return listener


def _clear(path: Path) -> None:
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
