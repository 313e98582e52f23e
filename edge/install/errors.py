"""What can go wrong while a board is made into a unit."""

from __future__ import annotations

from collections.abc import Sequence


class InstallError(Exception):
    """The board could not be made into a unit."""


class BoardUnfitError(InstallError):
    """This board, its system or its room does not do; every reason is named."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("this board cannot be made into a unit: " + "; ".join(reasons))
        self.reasons = tuple(reasons)


class KitIncompleteError(InstallError):
    """A file that the package brings is not there."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is missing: install the package lifecert again")
        self.what = what


class StepFailedError(InstallError):
    """A step did not end well; those before it stand."""

    def __init__(self, step: str, command: str, said: str) -> None:
        super().__init__(
            f"the step {step} failed at: {command}\n{said}\nmend it and run lifecert-install again: it goes on with this step"
        )
        self.step, self.command, self.said = step, command, said
