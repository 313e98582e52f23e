"""What can go wrong while sentences become sound."""

from edge.errors import EdgeError


class SentenceUnreadableError(EdgeError):
    """A sentence holds something that the voice has no reading for."""

    def __init__(self, text: str, left: str) -> None:
        super().__init__(
            f"the voice cannot read {left!r} in {text!r}; write it in Chinese characters, or add the word to OVERRIDES"
        )
        self.text = text
        self.left = left


class VoiceMissingError(EdgeError):
    """The program that speaks the sentences is missing, or does not work."""

    def __init__(self, program: str, why: str) -> None:
        super().__init__(f"{program}: {why}")
        self.program = program
        self.why = why
