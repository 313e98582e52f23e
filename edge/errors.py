"""What can go wrong on the unit. A refused face is not an error: it is a decision with a reason."""


class EdgeError(Exception):
    """Something on the unit did not work."""


class ConfigInvalidError(EdgeError):
    """A setting has an unknown name, a wrong type or a value out of range."""

    def __init__(self, where: str, key: str, what: str) -> None:
        super().__init__(f"{where}: {key}: {what}")
        self.where, self.key, self.what = where, key, what


class ReferenceUnusableError(EdgeError):
    """The reference photo shows no face, several faces, or a face too small to compare."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the reference photo cannot be used: {what}")
        self.what = what


class ReferenceMismatchError(EdgeError):
    """The reference photo at hand is not the one that the ticket names."""

    def __init__(self) -> None:
        super().__init__("the reference photo is not the one that the ticket names: its digest differs")
