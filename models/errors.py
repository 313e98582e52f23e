"""What can go wrong between a model's name and its answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.card import Local, ModelCard
    from models.matcher import MatcherCard


def first_line(error: Exception) -> str:
    """What an error of a library says in its first line, or what it is called: the rest is about that library's sources."""
    return (str(error).splitlines() or [type(error).__name__])[0]


class ModelError(Exception):
    """A model cannot be used."""


class ManifestInvalidError(ModelError):
    """The list of models is not written as it must be."""

    def __init__(self, entry: str, key: str, problem: str) -> None:
        super().__init__(f"model manifest, entry {entry}, key {key}: {problem}")
        self.entry = entry
        self.key = key
        self.problem = problem


class AcceptanceInvalidError(ModelError):
    """The record of an acceptance is not written as it must be, or its counts do not support what it claims."""

    def __init__(self, entry: str, key: str, problem: str) -> None:
        super().__init__(f"record of an acceptance, entry {entry}, key {key}: {problem}")
        self.entry = entry
        self.key = key
        self.problem = problem


class AcceptanceNotWrittenError(ModelError):
    """The record of an acceptance could not be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the record {path} could not be written: {reason}")
        self.path = path


class AnswersUnreadableError(ModelError):
    """A file of answers of another machine could not be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the answers {path} could not be read: {reason}; make them again with lifecert models answer --save")
        self.path = path


class VariantInvalidError(ModelError):
    """The record of a file that was made on this machine is not written as it must be."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"the record {path} of a made file is not usable: {problem}; delete it and make the file again")
        self.path = path
        self.problem = problem


class ModelUnknownError(ModelError):
    """Somebody asked for a model that the manifest does not list."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no model is called {name!r}; the manifest lists {', '.join(known)}")
        self.name = name
        self.known = known


class MatcherUnknownError(ModelError):
    """Somebody asked for a matcher that the manifest does not list."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no matcher is called {name!r}; the manifest lists {', '.join(known) or 'none'}")
        self.name = name
        self.known = known


class EmbedderExpectedError(ModelError):
    """A matcher can be made of embedders only, and this model is for something else."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(f"model {card.name} is for the purpose {card.purpose}; a matcher is made of embedders")
        self.card = card


class MatcherUncalibratedError(ModelError):
    """A decision was asked of a matcher whose threshold nobody has proven yet."""

    def __init__(self, card: MatcherCard) -> None:
        super().__init__(
            f"matcher {card.name} has no calibrated threshold in the manifest, so nothing can be decided with it: "
            f"lifecert models accept {card.name} finds one, and a policy carries it"
        )
        self.card = card


class ModelNotFoundError(ModelError):
    """A model file is not within reach, and this says which, from where, and what to do."""

    def __init__(self, card: ModelCard, looked_in: tuple[Path, ...], why_not_upstream: ModelError) -> None:
        looked = " nor in ".join(str(folder) for folder in looked_in)
        super().__init__(
            f"model {card.name}: the file {card.file} is not in {looked}, and {why_not_upstream}; "
            f"give a mirror with --mirror DIR or LIFECERT_MIRROR=DIR, a folder that holds models/{card.file}"
        )
        self.card = card
        self.looked_in = looked_in


class MirrorNotFoundError(ModelError):
    """The folder named as the mirror does not exist."""

    def __init__(self, mirror: Path) -> None:
        super().__init__(
            f"the mirror {mirror} is not a folder: name one that holds the model files, or a folder models/ with them"
        )
        self.mirror = mirror


class DigestMismatchError(ModelError):
    """A model file does not have the content that the manifest promises, so it is not used."""

    def __init__(self, card: ModelCard, found: str, where: Path | None = None, set_aside_as: Path | None = None) -> None:
        place = f" at {where}" if where else ""
        kept = f"; it was set aside as {set_aside_as.name}" if set_aside_as else "; it was not used"
        super().__init__(
            f"model {card.name}: the file {card.file}{place} has SHA-256 {found[:16]}..., promised is {card.sha256[:16]}...{kept}"
        )
        self.card = card
        self.found = found
        self.where = where
        self.set_aside_as = set_aside_as


class ModelFileUnreadableError(ModelError):
    """A model file is there but cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the model file {path} cannot be read: {reason}")
        self.path = path


class CacheUnusableError(ModelError):
    """The folder for fetched models cannot be written or has no room."""

    def __init__(self, cache: Path, reason: str) -> None:
        super().__init__(f"the model cache {cache} cannot be used: {reason}")
        self.cache = cache


class DownloadFailedError(ModelError):
    """A file could not be fetched from its official address."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} could not be fetched: {reason}")
        self.address = address
        self.reason = reason


class UpstreamRefusedError(ModelError):
    """A model file is a conversion, so it is never fetched from an official address."""

    def __init__(self, card: ModelCard, official_names: tuple[str, ...]) -> None:
        made_from = " and ".join(official_names)
        super().__init__(f"it is a conversion of the official {made_from}, so it comes only from a mirror or from the centre")
        self.card = card


class LocalFileMissingError(ModelError):
    """A model file without a public address does not lie beside its manifest."""

    def __init__(self, card: ModelCard, local: Local) -> None:
        super().__init__(f"it has no public address: put {card.file} into {local.folder}; it comes from {local.supplier}")
        self.card = card


class BundleBrokenError(ModelError):
    """A bundle has the promised digest but not the promised member."""

    def __init__(self, card: ModelCard, reason: str) -> None:
        super().__init__(f"model {card.name}: its bundle does not hold the promised member: {reason}")
        self.card = card


class NetworkNotLoadedError(ModelError):
    """A model file has the right content but the runtime on this machine cannot open it."""

    def __init__(self, card: ModelCard, reason: str) -> None:
        super().__init__(f"model {card.name} cannot be opened: {reason}")
        self.card = card


class NetworkFailedError(ModelError):
    """A network stopped with an error of its own while it ran."""

    def __init__(self, card: ModelCard, reason: str) -> None:
        super().__init__(f"model {card.name} failed while it ran: {reason}")
        self.card = card


class NetworkContractError(ModelError):
    """The input or output of a network is not what its card promises, so its answer is not used."""

    def __init__(self, card: ModelCard, tensor: str, problem: str) -> None:
        super().__init__(f"model {card.name}, tensor {tensor}: {problem}")
        self.card = card
        self.tensor = tensor
        self.problem = problem


class ModelTrialFailedError(ModelError):
    """A model file was tried in a process of its own and did not stand the test."""

    def __init__(self, card: ModelCard, path: Path, reason: str) -> None:
        super().__init__(f"model {card.name}, file {path.name}, was tried in a process of its own and refused: {reason}")
        self.card = card
        self.path = path
        self.reason = reason


class ChoiceInvalidError(ModelError):
    """The file that says what runs on this board is not written as it must be."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"the choice of models {path} is not usable: {problem}; measure again with lifecert models benchmark")
        self.path = path
        self.problem = problem


class ChoiceStaleError(ModelError):
    """What was chosen for this board was measured with something else than is here now."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"what was chosen for {model} is not used: {reason}; measure again with lifecert models benchmark")
        self.model = model
        self.reason = reason


class CostUnknownError(ModelError):
    """What a run of a network costs cannot be read off its file."""

    def __init__(self, card: ModelCard, reason: str) -> None:
        super().__init__(f"model {card.name}: its cost cannot be counted: {reason}")
        self.card = card


class ThresholdMissingError(ModelError):
    """A decision was asked of a model that ships without a threshold."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(f"model {card.name} ships without a threshold, so nothing can be decided with it alone")
        self.card = card


class NumbersUnreadableError(ModelError):
    """A file of numbers has the right content but does not hold what its card says."""

    def __init__(self, card: ModelCard, problem: str) -> None:
        super().__init__(f"model {card.name}, file {card.file}: {problem}")
        self.card = card
        self.problem = problem


class TextureThresholdInvalidError(ModelError):
    """The file of a camera's texture thresholds does not hold what it must."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}, {key}: {problem}")
        self.key = key
        self.problem = problem


class ReliefInvalidError(ModelError):
    """The file of relief weights does not hold what it must."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}, {key}: {problem}")
        self.key = key
        self.problem = problem


class VariantMissingError(ModelError):
    """Files of a form were asked for, and none was made on this machine."""

    def __init__(self, form: str, cache: Path) -> None:
        super().__init__(
            f"no file of the form {form} that passed is kept in {cache}: lifecert models rewrite or quantize makes one"
        )
        self.form = form


class GraphNotRewrittenError(ModelError):
    """A model file cannot be rewritten for speed, so it is used as it is."""

    def __init__(self, card: ModelCard, reason: str) -> None:
        super().__init__(f"model {card.name}: the file {card.file} is not rewritten: {reason}")
        self.card = card
        self.reason = reason


class NetworkNotQuantizedError(ModelError):
    """A model file cannot be made into an INT8 one that is worth the name."""

    def __init__(self, card: ModelCard, reason: str) -> None:
        super().__init__(f"model {card.name}: the file {card.file} is not quantized: {reason}")
        self.card = card
        self.reason = reason
