"""Which gate a network has to pass, and with what it is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edge.engine import TEXTURE_SCALES, Sight, matcher_of
from edge.evaluate.quantization.detection import judge_detector
from edge.evaluate.quantization.embedding import Bout, judge_embedder
from edge.evaluate.quantization.gate import Judged
from edge.evaluate.quantization.material import Material
from edge.evaluate.quantization.texture import judge_texture
from edge.stages.detect import Detector
from edge.stages.texture import TextureNet, TextureProbe
from models.card import ModelCard, Purpose
from models.contract import Tensor
from models.digests import Sha256
from models.errors import NetworkNotQuantizedError
from models.library import open_networks
from models.matcher import DEFAULT_MATCHER, MatcherCard, digest_as_shipped
from models.runtime import Network, open_network
from models.store import ModelStore
from models.variant import Form
from wire.result import SCALE

REMEMBERED = 4
"""A picture and its mirror image, for two networks."""


def judge(store: ModelStore, card: ModelCard, made: Network, sight: Sight, materials: Sequence[Material]) -> Judged:
    """Judge a quantized network against the float one; raises `NetworkNotQuantizedError` without a threshold to judge by."""
    if card.purpose is Purpose.DETECTOR:
        return judge_detector(sight.detector, Detector(made, sight.least), materials)
    if card.purpose is Purpose.TEXTURE:
        return _judge_texture(store, card, made, sight, materials)
    return judge_embedder(_bout(store, card, made), sight, materials)


def judged_within(store: ModelStore, card: ModelCard) -> Sha256 | None:
    """The digest of the matcher that an embedder is judged in, as it ships; None for other networks. Raises as `judge` does."""
    return digest_as_shipped(_matcher(store, card), store.manifest.cards) if card.purpose is Purpose.EMBEDDER else None


def _bout(store: ModelStore, card: ModelCard, made: Network) -> Bout:
    """The matcher that a unit runs, if the network is part of it; else the one that is this network alone."""
    matcher = _matcher(store, card)
    cards = {name: store.card(name) for name in matcher.networks}
    true: dict[str, Network] = {name: RememberingNetwork(each) for name, each in open_networks(store, matcher.networks).items()}
    whole = matcher_of(matcher, cards, true)
    place = matcher.networks.index(card.name)
    before = sum(part.dimension for part in whole.parts[:place])
    part = slice(before, before + whole.parts[place].dimension)
    # Beside what is kept already: that is what a unit would run.
    others = [name for name in matcher.networks if name != card.name]
    found = true | _kept(store, others, judged_within(store, card)) | {card.name: made}
    return Bout(whole, matcher_of(matcher, cards, found), part, matcher.threshold_x10000 / SCALE)


def _matcher(store: ModelStore, card: ModelCard) -> MatcherCard:
    default = store.manifest.matchers.get(DEFAULT_MATCHER)
    alone = (each for each in store.manifest.matchers.values() if each.networks == (card.name,) and each.shipped is not None)
    found = default if default is not None and card.name in default.networks else next(alone, None)
    if found is None:
        raise NetworkNotQuantizedError(card, f"no matcher of {card.name} alone ships with a threshold to judge by")
    return found


@dataclass(slots=True)
class RememberingNetwork:
    """A network that answers what it was just asked again without reckoning anew: two matchers share it."""

    network: Network
    answers: dict[bytes, tuple[Tensor, ...]] = field(default_factory=dict)

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """As the network."""
        asked = tensor.tobytes()
        if asked not in self.answers:
            if len(self.answers) >= REMEMBERED:
                self.answers.clear()
            self.answers[asked] = self.network.run(tensor)
        return self.answers[asked]


def _judge_texture(store: ModelStore, card: ModelCard, made: Network, sight: Sight, materials: Sequence[Material]) -> Judged:
    """The probe with this network quantized, and with all that are already kept beside it, as a unit would run them."""
    true = dict(open_networks(store, tuple(TEXTURE_SCALES)))
    alone = true | {card.name: made}
    found = [_probe(alone)]
    kept = _kept(store, [name for name in TEXTURE_SCALES if name != card.name])
    if kept:
        found.append(_probe(alone | kept))
    return judge_texture(_probe(true), found, sight, materials, card.threshold_x10000 / SCALE)


def _probe(networks: dict[str, Network]) -> TextureProbe:
    return TextureProbe(tuple(TextureNet(networks[name], scale) for name, scale in TEXTURE_SCALES.items()))


def _kept(store: ModelStore, names: Iterable[str], matcher: Sha256 | None = None) -> dict[str, Network]:
    """Those of them that are quantized already and passed, opened; an embedder within the matcher of this digest only."""
    variants = {name: store.variant(name, Form.INT8) for name in names}
    return {
        name: open_network(variant.card_of(store.card(name)), store.variant_path(variant))
        for name, variant in variants.items()
        if variant is not None and variant.passed and variant.runs_within(store.card(name), matcher)
    }
