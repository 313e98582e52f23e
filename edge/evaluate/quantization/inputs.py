"""What a network is fed when the stages look at pictures: the very tensors, for the calibration of a quantized one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from edge.engine import TEXTURE_SCALES, Sight, embedder_of
from edge.errors import EmbeddingInvalidError
from edge.evaluate.quantization.material import Picture
from edge.stages.detect import Detector
from edge.stages.texture import TextureNet, TextureProbe
from models.card import ModelCard, Purpose
from models.contract import Tensor
from models.errors import NetworkNotQuantizedError
from models.runtime import Network

QUANTIZABLE = (Purpose.DETECTOR, Purpose.EMBEDDER, Purpose.TEXTURE)
"""What there is a gate for."""


@dataclass(slots=True)
class ListeningNetwork:
    """A network that keeps what it is fed."""

    network: Network
    heard: list[Tensor] = field(default_factory=list)

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """As the network."""
        self.heard.append(tensor)
        return self.network.run(tensor)


def inputs_of(card: ModelCard, network: Network, sight: Sight, pictures: Iterable[Picture]) -> list[Tensor]:
    """All that the network is fed on these pictures; one without a face gives nothing, but to the detector.

    Raises `NetworkNotQuantizedError` for a network that there is no gate for.
    """
    if card.purpose not in QUANTIZABLE:
        raise NetworkNotQuantizedError(card, f"there is no gate for networks of the purpose {card.purpose}")
    ear = ListeningNetwork(network)
    if card.purpose is Purpose.DETECTOR:
        detector = Detector(ear, sight.least)
        for picture in pictures:
            detector.find_in_still(picture.bgr)
    elif card.purpose is Purpose.TEXTURE:
        probe = TextureProbe((TextureNet(ear, TEXTURE_SCALES[card.name]),))
        for picture in pictures:
            face = sight.face(picture.bgr)
            if face is not None:
                probe.probe(picture.bgr, face, 0)
    else:
        _feed_embedder(card, ear, sight, pictures)
    return ear.heard


def _feed_embedder(card: ModelCard, ear: ListeningNetwork, sight: Sight, pictures: Iterable[Picture]) -> None:
    embedder = embedder_of(card, ear)
    for picture in pictures:
        face = sight.face(picture.bgr)
        if face is None:
            continue
        try:
            embedder.embed_still(embedder.crops(picture.bgr, sight.aligner.points(picture.bgr, face)))
        except EmbeddingInvalidError:
            # What was fed counts, whatever became of it.
            continue
