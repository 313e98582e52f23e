"""What can go wrong with error rates and thresholds."""

from __future__ import annotations

from models.errors import ModelError


class CalculatorNotInstalledError(ModelError):
    """A library that only error rates need is not installed."""

    def __init__(self, library: str) -> None:
        super().__init__(
            f"error rates need the library {library}, which is not installed: "
            "install lifecert[models] at the bench, lifecert[centre] at the centre"
        )
        self.library = library


class CrowdUnusableError(ModelError):
    """The embeddings of a crowd cannot be compared with one another."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the embeddings cannot be compared: {what}")
        self.what = what


class StrataTooFineError(ModelError):
    """The strata divide the crowd into more kinds of people than a census can keep apart."""

    def __init__(self, kinds: int, most: int) -> None:
        super().__init__(f"the strata divide the people into {kinds} kinds; a census keeps at most {most} apart")
        self.kinds, self.most = kinds, most
