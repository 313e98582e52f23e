"""Who has given the PIN, and until when. It is kept in memory only: a restart asks for the PIN again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.panel.errors import OperatorUnknownError

IDLE_S, LONGEST_S = 300, 1800
MOST = 4


@dataclass(slots=True)
class _Session:
    began_s: float
    used_s: float


@dataclass(slots=True, eq=False)
class Sessions:
    """The sessions by the hash of their tokens."""

    now_s: Callable[[], float]
    fresh_token: Callable[[], str]
    """256 bits of chance, as text."""
    _open: dict[bytes, _Session] = field(default_factory=dict)

    def begin(self) -> str:
        """The token of a new session; with too many, the oldest ends."""
        self._forget_old()
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        token, now_s = self.fresh_token(), self.now_s()
        self._open[_hash(token)] = _Session(now_s, now_s)
        return token

    def use(self, token: str | None) -> None:
        """Go on with a session; `OperatorUnknownError` when there is none, or none any more."""
        if not self.lasts(token):
            raise OperatorUnknownError
        self._open[_hash(token or "")].used_s = self.now_s()

    def lasts(self, token: str | None) -> bool:
        """Whether a session lasts; asking does not make it last longer."""
        self._forget_old()
        return token is not None and _hash(token) in self._open

    def end(self, token: str | None) -> None:
        """End a session; one that there is not does no harm."""
        self._open.pop(_hash(token or ""), None)

    def _forget_old(self) -> None:
        now_s = self.now_s()
        self._open = {
            key: each for key, each in self._open.items() if now_s - each.used_s < IDLE_S and now_s - each.began_s < LONGEST_S
        }


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
