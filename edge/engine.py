"""Opens the networks and builds what works with them: the assembler of the vision half."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from edge.flow import Detection, LivenessScore, MatcherIdentity, Similarity
from edge.imaging import Pixels
from edge.pipeline import Pipeline
from edge.reference import Eyes
from edge.rules import NO_POLICY, Rules, Thresholds
from edge.session.light_code import LightCode
from edge.spare_memory import give_back_memory
from edge.stages.align import Aligner
from edge.stages.attend import Attention
from edge.stages.cover import CoverWatch
from edge.stages.detect import Detector
from edge.stages.express import Expresser
from edge.stages.face_mask import MaskProbe
from edge.stages.grade import Grader
from edge.stages.infrared import InfraredProbe
from edge.stages.landmarks import MeshFitter
from edge.stages.match import Embedder, NetworkEmbedder, NetworkPart
from edge.stages.quality import QualityProbe
from edge.stages.relief import ReliefModel
from edge.stages.texture import TextureNet, TextureProbe
from edge.stages.track import Tracker
from models.card import ModelCard
from models.choice import Choices
from models.contract import input_contract
from models.errors import EmbedderExpectedError
from models.face_shape import read_mean_face
from models.library import OpenedNetwork, open_chosen, open_networks
from models.matcher import DEFAULT_MATCHER, MatcherCard, digest_as_shipped, matcher_digest, single
from models.relief import ReliefWeights, shipped_relief
from models.runtime import Network, Spare, matcher_runtime
from models.store import ModelStore
from models.texture_threshold import TextureThreshold, read_texture_threshold
from models.variant import Form
from wire.policy import SHIPPED_POLICY
from wire.reference import ReferenceClass
from wire.result import SCALE, ModelUse

NOBODY = Similarity(1.0)

MEAN_FACE = "face_constants"
"""The numbers that heads are measured by."""

USED = ("yunet_n", "landmarks5", "minifasnet_v2", "minifasnet_v1se", "landmarks478", "facemask_aizoo")
"""The networks of the pipeline beside those of the matcher, by their names in the manifest."""

ASKED_SELDOM = frozenset({"facemask_aizoo"})
"""Networks that most visits never ask, and that are opened by the first that does: this one is asked of one face in five."""

TEXTURE_SCALES = {"minifasnet_v2": 2.7, "minifasnet_v1se": 4.0}


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that looks at pixels, with the rules that judge it."""

    networks: Mapping[str, Network]
    rules: Rules
    models: tuple[ModelUse, ...]
    embedder: Embedder
    """The matcher."""
    expresser: Expresser
    relief: ReliefModel

    @property
    def detector(self) -> Detector:
        """A face detector."""
        return Detector(self.networks["yunet_n"], self.rules.thresholds.face)

    @property
    def aligner(self) -> Aligner:
        """An aligner."""
        return Aligner(self.networks["landmarks5"])

    @property
    def eyes(self) -> Eyes:
        """What reads photos."""
        return Eyes(self.detector, self.aligner, self.embedder)

    @property
    def texture(self) -> TextureProbe:
        """The texture probe, both scales."""
        return TextureProbe(tuple(TextureNet(self.networks[name], scale) for name, scale in TEXTURE_SCALES.items()))

    @property
    def mesh(self) -> MeshFitter:
        """The dense landmarks."""
        return MeshFitter(self.networks["landmarks478"])

    @property
    def cover(self) -> CoverWatch:
        """What looks for covers; it has seen nobody yet."""
        return CoverWatch(MaskProbe(self.networks["facemask_aizoo"]), self.mesh)

    def rest(self) -> None:
        """Nobody is there: memory that only a visit needs goes back to the kernel. Raises `NetworkFailedError`."""
        smallest = self.networks["landmarks5"]
        if isinstance(smallest, Spare):
            smallest.give_back()
        give_back_memory()

    def pipeline(self, code: LightCode | None = None) -> Pipeline:
        """A fresh pipeline for one attempt: it has seen nobody yet. `code` is what the lamps ask for, if they do."""
        return Pipeline(
            Attention(self.detector, Tracker(), self.aligner),
            Grader(self.rules.grade),
            self.cover,
            self.texture,
            self.mesh,
            self.expresser,
            InfraredProbe(code, self.relief) if code else None,
            self.embedder,
        )


def open_engine(
    store: ModelStore,
    matcher: str = DEFAULT_MATCHER,
    texture: Path | None = None,
    choice: Choices | None = None,
    late: Collection[str] = ASKED_SELDOM,
) -> Engine:
    """Open all networks of the pipeline; raises `ModelError` when one is missing, wrong or does not load.

    Of those in `late` only the files are checked now; a visit that asks one opens it, and hears then if it does not load.

    A matcher that ships without a threshold serves visits under a policy of the centre only. `texture` is a file of
    `lifecert pad calibrate` with the texture thresholds of this unit's camera, in place of those that ship. `choice` says which
    files run on this board; where it names none that can be used, the shipped one runs.
    """
    calibrated = read_texture_threshold(texture) if texture else None
    chosen = store.matcher(matcher)
    shipped = digest_as_shipped(chosen, store.manifest.cards)
    opened = open_chosen(store, (*USED, *chosen.networks), choice, late, shipped)
    networks = {name: each.network for name, each in opened.items()}
    cards = {name: _card_that_stands(store, name, each) for name, each in opened.items()}
    relief = shipped_relief()
    digests = {**_digests(opened), "relief": relief.sha256, **({"texture_threshold": calibrated.sha256} if calibrated else {})}
    uses = tuple(ModelUse(name, bytes.fromhex(sha256)) for name, sha256 in digests.items())
    expresser = Expresser(read_mean_face(store.card(MEAN_FACE), store.path(MEAN_FACE)))
    embedder = _embedder(chosen, cards, networks)
    rules = _rules(cards, chosen, relief)
    if calibrated:
        rules = replace(rules, thresholds=_for_camera(rules.thresholds, calibrated))
    return Engine(networks, rules, uses, embedder, expresser, ReliefModel(relief))


def open_eyes(store: ModelStore, matcher: MatcherCard) -> Eyes:
    """Open what embeds photos with a matcher, listed or not; raises `ModelError`."""
    names = ("yunet_n", "landmarks5", *matcher.networks)
    networks = open_networks(store, names)
    cards = {name: store.card(name) for name in names}
    detector = Detector(networks["yunet_n"], cards["yunet_n"].threshold_x10000 / SCALE)
    return Eyes(detector, Aligner(networks["landmarks5"]), _embedder(matcher, cards, networks))


@dataclass(frozen=True, slots=True)
class Sight:
    """What finds the face of a picture and its five points."""

    detector: Detector
    aligner: Aligner
    least: float
    """The detector's threshold, 0 to 1."""

    def face(self, bgr: Pixels) -> Detection | None:
        """The largest face of a (height, width, 3) BGR picture; None where there is none."""
        return next(iter(self.detector.find_in_still(bgr)), None)


def open_sight(store: ModelStore) -> Sight:
    """Open what finds faces; raises `ModelError`."""
    networks = open_networks(store, ("yunet_n", "landmarks5"))
    least = store.card("yunet_n").threshold_x10000 / SCALE
    return Sight(Detector(networks["yunet_n"], least), Aligner(networks["landmarks5"]), least)


def matcher_of(matcher: MatcherCard, cards: Mapping[str, ModelCard], networks: Mapping[str, Network]) -> NetworkEmbedder:
    """A matcher of networks that are open; raises `EmbedderExpectedError`."""
    return _embedder(matcher, cards, networks)


def embedder_of(card: ModelCard, network: Network) -> NetworkEmbedder:
    """One network as a matcher of its own; raises `EmbedderExpectedError`."""
    return _embedder(single(card.name), {card.name: card}, {card.name: network})


def open_quality_probe(store: ModelStore) -> QualityProbe:
    """Open what judges how well a face can be matched; raises `ModelError`."""
    return QualityProbe(open_networks(store, ("lightqnet_dm100",))["lightqnet_dm100"])


def _embedder(chosen: MatcherCard, cards: Mapping[str, ModelCard], networks: Mapping[str, Network]) -> NetworkEmbedder:
    identity = MatcherIdentity(chosen.name, matcher_digest(chosen, cards), matcher_runtime(chosen, cards))
    shares = zip(chosen.networks, chosen.shares, strict=True)
    return NetworkEmbedder(identity, tuple(_part(cards[name], networks[name], share) for name, share in shares))


def _part(card: ModelCard, network: Network, share: float) -> NetworkPart:
    if card.face is None:
        raise EmbedderExpectedError(card)
    return NetworkPart(network, card.face, input_contract(card).colour, _answers(card), share)


def _answers(card: ModelCard) -> int:
    """Numbers in the one answer of an embedder; a length that the caller chooses is 1."""
    return math.prod(length for length in card.outputs[0].shape if isinstance(length, int))


def _digests(opened: Mapping[str, OpenedNetwork]) -> dict[str, str]:
    """Of the files that were really opened: a result says what ran."""
    return {name: each.card.sha256 for name, each in opened.items()}


def _card_that_stands(store: ModelStore, name: str, opened: OpenedNetwork) -> ModelCard:
    """The card by which thresholds and matchers know a network: an exact rewrite is the shipped one, a quantized one is not."""
    return opened.card if opened.form is Form.INT8 else replace(store.card(name), runtime=opened.card.runtime)


def _for_camera(limits: Thresholds, found: TextureThreshold) -> Thresholds:
    steady = LivenessScore(found.steady.threshold) if found.steady else limits.texture
    return replace(limits, texture=steady, texture_lit=LivenessScore(found.lit.threshold) if found.lit else limits.texture_lit)


def _rules(cards: Mapping[str, ModelCard], matcher: MatcherCard, relief: ReliefWeights) -> Rules:
    """The thresholds of the cards: each belongs to its file or its matcher, never to the code."""
    shipped = matcher.shipped
    return Rules(
        SHIPPED_POLICY if shipped else NO_POLICY,
        Thresholds(
            face=cards["yunet_n"].threshold_x10000 / SCALE,
            match=Similarity(shipped.threshold_x10000 / SCALE) if shipped else NOBODY,
            review_from=Similarity(shipped.review_from_x10000 / SCALE) if shipped else NOBODY,
            texture=LivenessScore(cards["minifasnet_v2"].threshold_x10000 / SCALE),
            reference_class=shipped.calibration.reference_class if shipped else ReferenceClass.DOCUMENT,
            texture_lit=LivenessScore(relief.texture_threshold),
            code=LivenessScore(relief.code_threshold),
            relief=LivenessScore(relief.threshold),
        ),
    )
