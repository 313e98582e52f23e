"""Opens the networks and builds what works with them: the assembler of the vision half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.flow import LivenessScore, Similarity
from edge.pipeline import Pipeline
from edge.rules import Rules, Thresholds
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from edge.stages.grade import Grader
from edge.stages.landmarks import MeshFitter
from edge.stages.match import Embedder
from edge.stages.texture import TextureNet, TextureProbe
from edge.stages.track import Tracker
from models.card import ModelCard
from models.library import open_networks
from models.runtime import Network
from models.store import ModelStore
from wire.result import ModelUse

POLICY = "default/1"
"""The policy of this version, until the centre signs one."""

USED = ("yunet_n", "landmarks5", "embedder", "minifasnet_v2", "minifasnet_v1se", "landmarks478")
"""The networks of the pipeline, by their names in the manifest."""

_TEXTURE_SCALES = {"minifasnet_v2": 2.7, "minifasnet_v1se": 4.0}


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that looks at pixels, with the rules that judge it."""

    networks: Mapping[str, Network]
    rules: Rules
    models: tuple[ModelUse, ...]

    @property
    def detector(self) -> Detector:
        """A face detector."""
        return Detector(self.networks["yunet_n"], self.rules.thresholds.face)

    @property
    def aligner(self) -> Aligner:
        """An aligner."""
        return Aligner(self.networks["landmarks5"])

    @property
    def embedder(self) -> Embedder:
        """The matcher's network."""
        return Embedder(self.networks["embedder"])

    @property
    def texture(self) -> TextureProbe:
        """The texture probe, both scales."""
        return TextureProbe(tuple(TextureNet(self.networks[name], scale) for name, scale in _TEXTURE_SCALES.items()))

    @property
    def mesh(self) -> MeshFitter:
        """The dense landmarks."""
        return MeshFitter(self.networks["landmarks478"])

    def pipeline(self) -> Pipeline:
        """A fresh pipeline for one attempt: it has seen nobody yet."""
        return Pipeline(self.detector, Tracker(), Grader(self.rules.grade), self.texture, self.mesh, self.aligner)


def open_engine(store: ModelStore) -> Engine:
    """Open all networks of the pipeline; raises `ModelError` when one is missing, wrong or does not load."""
    networks = open_networks(store, USED)
    cards = {name: store.card(name) for name in USED}
    uses = tuple(ModelUse(name, bytes.fromhex(card.sha256)) for name, card in cards.items())
    return Engine(networks, Rules(POLICY, _thresholds(cards)), uses)


def _thresholds(cards: Mapping[str, ModelCard]) -> Thresholds:
    """The thresholds of the cards: each belongs to its file, never to the code."""
    matcher, texture = cards["embedder"], cards["minifasnet_v2"]
    return Thresholds(
        face=cards["yunet_n"].threshold_x10000 / 10_000,
        match=Similarity(matcher.threshold_x10000 / 10_000),
        review_from=Similarity(matcher.review_from_x10000 / 10_000),
        texture=LivenessScore(texture.threshold_x10000 / 10_000),
    )
