"""What can go wrong in the demonstration. A visit that ends otherwise than planned is not an error: it is an outcome."""


class DemoError(Exception):
    """The demonstration cannot go on."""


class ProgramMissingError(DemoError):
    """A program that the demonstration starts is not on this machine."""

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__(f"the program {name} is not here: {remedy}")
        self.name = name


class ProgramFailedError(DemoError):
    """A program of ours ended with a fault of its own."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"{name}: {sentence}")
        self.name, self.sentence = name, sentence


class ProgramSilentError(DemoError):
    """A program did not do in time what it was started for."""

    def __init__(self, name: str, awaited: str, waited_s: float) -> None:
        super().__init__(f"{name}: no {awaited} within {waited_s:g} s")
        self.name, self.awaited = name, awaited


class AnswerUnreadableError(DemoError):
    """A program answered something else than the JSON that its command promises."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} gave an answer that cannot be read: {what}")
        self.name = name


class WeightsMissingError(DemoError):
    """A network is not within reach; the sentence of the model store says which, from where, and how to give a mirror."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class FootageMissingError(DemoError):
    """A recording that a visit needs is not within reach."""

    def __init__(self, file: str, looked_in: str) -> None:
        super().__init__(
            f"the recording {file} is not in {looked_in}: it is private footage that has no public address, so it comes only "
            f"from a mirror; give one with --mirror DIR or LIFECERT_MIRROR=DIR, a folder that holds {file}"
        )
        self.file = file


class RecordingUnreadableError(DemoError):
    """No picture could be taken from a recording."""

    def __init__(self, file: str) -> None:
        super().__init__(f"no still picture could be taken from the recording {file}")
        self.file = file


class FolderInUseError(DemoError):
    """The folder that the demonstration was to work in cannot be made anew."""

    def __init__(self, folder: str, what: str) -> None:
        super().__init__(f"the folder {folder} cannot be made: {what}; name a new one with --keep DIR")
        self.folder = folder
