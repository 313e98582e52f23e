"""What can go wrong between the two ends of the stage socket."""

from pathlib import Path

from edge.errors import EdgeError


class StageLineError(EdgeError):
    """The other end of the stage socket said something that is not understood."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the stage socket brought {why}; both programs must be of one version")
        self.why = why


class StageTakenError(EdgeError):
    """The stage socket cannot be opened."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; is another lifecert-edge running, or is its folder missing?")
        self.path, self.why = path, why
