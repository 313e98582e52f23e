"""The operator's PIN, kept as its Argon2id hash. There is none before somebody sets one, and no usual one."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError

from edge.durable_file import write_durably
from edge.errors import FileNotDurableError
from edge.panel.errors import PinFileUnusableError, PinUnfitError

SHORTEST, LONGEST = 6, 12
_LARGEST_FILE_BYTES = 512
_FEWEST_DIFFERENT = 3

# RFC 9106, and the least of OWASP's password storage cheat sheet: 19 MiB, two passes. A fifth of a second on a Pi 4.
USUAL_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def check_pin(pin: str) -> str:
    """A PIN that may be taken: 6 to 12 digits that are no pattern; else `PinUnfitError`."""
    if not re.fullmatch(rf"[0-9]{{{SHORTEST},{LONGEST}}}", pin):
        raise PinUnfitError(f"it must be {SHORTEST} to {LONGEST} digits")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if len(set(pin)) < _FEWEST_DIFFERENT or steps in ({1}, {-1}) or re.fullmatch(r"(.{1,6})\1+", pin):
        raise PinUnfitError("its digits follow a pattern")
    return pin


@dataclass(frozen=True, slots=True)
class PinFile:
    """The file of the hash. Looking at a PIN takes as long where none is set."""

    path: Path
    hasher: PasswordHasher = USUAL_HASHER
    _decoy: list[str] = field(default_factory=list)

    @property
    def tries(self) -> Path:
        """Where the count of wrong ones lies."""
        return self.path.with_name(self.path.name + ".tries")

    def keep(self, pin: str) -> None:
        """Replace the PIN, and forget the wrong ones; raises `PinUnfitError`, `PinFileUnusableError`."""
        hashed = self.hasher.hash(check_pin(pin))
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self.path, hashed.encode("ascii") + b"\n")
            owner = self.path.parent.stat()
            os.chown(self.path, owner.st_uid, owner.st_gid)
            self.tries.unlink(missing_ok=True)
        except (OSError, FileNotDurableError) as error:
            raise PinFileUnusableError(self.path, str(error)) from error

    def matches(self, pin: str) -> bool:
        """Whether this is the PIN; no where none is set. `PinFileUnusableError` for a file that is damaged."""
        hashed = self._read()
        try:
            return self.hasher.verify(self._hash_of_nothing() if hashed is None else hashed, pin) and hashed is not None
        except VerifyMismatchError:
            return False
        except (InvalidHashError, Argon2Error) as error:
            raise PinFileUnusableError(self.path, "holds no hash of a PIN") from error

    def _read(self) -> str | None:
        with suppress(FileNotFoundError):
            try:
                with self.path.open("rb") as file:
                    return file.read(_LARGEST_FILE_BYTES).decode("ascii").strip()
            except FileNotFoundError:
                raise
            except (OSError, UnicodeDecodeError) as error:
                raise PinFileUnusableError(self.path, "cannot be read") from error
        return None

    def _hash_of_nothing(self) -> str:
        if not self._decoy:
            self._decoy.append(self.hasher.hash("no PIN is set"))
        return self._decoy[0]
