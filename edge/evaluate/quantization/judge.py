"""Which gate a network has to pass, and with what it is compared."""

from __future__ import annotations

from collections.abc import Sequence

from edge.engine import TEXTURE_SCALES, Sight, embedder_of
from edge.evaluate.quantization.detection import judge_detector
from edge.evaluate.quantization.embedding import judge_embedder
from edge.evaluate.quantization.gate import Judged
from edge.evaluate.quantization.material import Material
from edge.evaluate.quantization.texture import judge_texture
from edge.stages.detect import Detector
from edge.stages.texture import TextureNet, TextureProbe
from models.card import ModelCard, Purpose
from models.errors import NetworkNotQuantizedError
from models.library import open_networks
from models.runtime import Network, open_network
from models.store import ModelStore
from models.variant import Form
from wire.result import SCALE


def judge(store: ModelStore, card: ModelCard, made: Network, sight: Sight, materials: Sequence[Material]) -> Judged:
    """Judge a quantized network against the float one; raises `NetworkNotQuantizedError` without a threshold to judge by."""
    if card.purpose is Purpose.DETECTOR:
        return judge_detector(sight.detector, Detector(made, sight.least), materials)
    if card.purpose is Purpose.TEXTURE:
        return _judge_texture(store, card, made, sight, materials)
    true = open_network(card, store.path(card.name))
    return judge_embedder(embedder_of(card, true), embedder_of(card, made), sight, materials, _threshold(store, card))


def _threshold(store: ModelStore, card: ModelCard) -> float:
    """That of the matcher which is this network alone."""
    for matcher in store.manifest.matchers.values():
        if matcher.networks == (card.name,) and matcher.shipped is not None:
            return matcher.threshold_x10000 / SCALE
    raise NetworkNotQuantizedError(card, f"no matcher of {card.name} alone ships with a threshold to judge by")


def _judge_texture(store: ModelStore, card: ModelCard, made: Network, sight: Sight, materials: Sequence[Material]) -> Judged:
    """The probe with this network quantized, and with all that are already kept beside it, as a unit would run them."""
    true = dict(open_networks(store, tuple(TEXTURE_SCALES)))
    alone = true | {card.name: made}
    found = [_probe(alone)]
    kept = {name: network for name in TEXTURE_SCALES if name != card.name and (network := _kept(store, name)) is not None}
    if kept:
        found.append(_probe(alone | kept))
    return judge_texture(_probe(true), found, sight, materials, card.threshold_x10000 / SCALE)


def _probe(networks: dict[str, Network]) -> TextureProbe:
    return TextureProbe(tuple(TextureNet(networks[name], scale) for name, scale in TEXTURE_SCALES.items()))


def _kept(store: ModelStore, name: str) -> Network | None:
    variant = store.variant(name, Form.INT8)
    if variant is None or not variant.passed:
        return None
    return open_network(variant.card_of(store.card(name)), store.variant_path(variant))
