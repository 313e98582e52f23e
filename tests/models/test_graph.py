"""A rewritten network answers as its source does; what is no network, or not the promised one, is refused with its name."""

from __future__ import annotations

import collections
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

from models.card import ModelCard, Runtime
from models.digests import digest_of
from models.errors import DigestMismatchError, GraphNotRewrittenError
from models.graph import TOLERANCE, largest_difference, rewritten, rewritten_variant
from models.rewrites.channels import MULTIPLE
from models.store import ModelStore
from models.variant import Form
from tests.models.graphs import card_for, drawn, fallen_over, mobile_network, network, picture
from tests.models.made_up import tensor, tiny_onnx

LOOK = [picture(seed) for seed in range(4)]


def operators(content: bytes) -> collections.Counter[str]:
    return collections.Counter(node.op_type for node in onnx.load_model_from_string(content).graph.node)


def slopes_of(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32).reshape(-1, 1, 1)


MIXED = slopes_of(*np.linspace(-0.5, 1.0, 13))
SLOPES = {
    "below one": MIXED,
    "some above one": slopes_of(*np.linspace(-1.5, 2.5, 13)),
    "one for all": slopes_of(0.25),
    "one for all, above one": slopes_of(1.75),
    "the same in each channel": np.full((13, 1, 1), -0.125, np.float32),
}


@pytest.mark.parametrize("slopes", SLOPES.values(), ids=SLOPES)
def test_no_slope_changes_an_answer_and_none_stays_slow(slopes: NDArray[np.float32]) -> None:
    source = mobile_network(slopes)
    card = card_for(source, 5)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert operators(made)["PRelu"] == 0


def test_a_slope_that_is_the_same_everywhere_becomes_one_that_a_convolution_takes_along() -> None:
    source = mobile_network(slopes_of(0.25))

    made = operators(rewritten(card_for(source, 5), source))

    assert (made["LeakyRelu"], made["Conv"], made["Add"]) == (2, 3, 0)


def spelled_out(slopes: NDArray[np.float32], how: str) -> bytes:
    """A convolution and a slope, as max(x, a x) or as x + (a - 1) min(x, 0)."""
    rest = {
        "max": [helper.make_node("Mul", ["c", "s"], ["m"]), helper.make_node("Max", ["c", "m"], ["p"])],
        "min": [
            helper.make_node("Min", ["c", "zero"], ["n"]),
            helper.make_node("Mul", ["n", "s"], ["m"]),
            helper.make_node("Add", ["c", "m"], ["p"]),
        ],
    }[how]
    weights = {"w": drawn(8, 3, 1, 1), "s": slopes, "zero": np.zeros((), np.float32), "v": drawn(5, 8, 1, 1, seed=1)}
    if how == "max":
        del weights["zero"]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]),
        *rest,
        helper.make_node("Conv", ["p", "v"], ["y"], kernel_shape=[1, 1]),
    ]
    return network(nodes, weights, 5)


@pytest.mark.parametrize("how", ["max", "min"])
def test_a_slope_is_known_however_it_is_written(how: str) -> None:
    source = spelled_out(np.minimum(drawn(8, 1, 1, seed=3), 1), how)
    card = card_for(source, 5)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert operators(made).keys().isdisjoint({"Max", "Min", "Mul"})


def test_a_maximum_with_a_slope_above_one_is_no_prelu_and_stays() -> None:
    source = spelled_out(np.full((8, 1, 1), 1.5, np.float32), "max")

    with pytest.raises(GraphNotRewrittenError, match="nothing to gain"):
        rewritten(card_for(source, 5), source)


def test_odd_channels_are_filled_up_with_silent_ones() -> None:
    source = mobile_network(channels=13)

    made = onnx.load_model_from_string(rewritten(card_for(source, 5), source))

    first = next(node for node in made.graph.node if node.op_type == "Conv")
    widths = {each.name: each.dims[0] for each in made.graph.initializer}
    assert widths[first.input[1]] == 16
    assert all(width % MULTIPLE == 0 or width == 5 for width in widths.values())


def test_channels_that_leave_the_network_are_never_filled() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("PRelu", ["c", "s"], ["y"]),
    ]
    source = network(nodes, {"w": drawn(7, 3, 1, 1), "s": drawn(7, 1, 1)}, 7)
    card = card_for(source, 7)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10


def test_channels_that_meet_others_are_never_filled() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[1, 1]),
        helper.make_node("PRelu", ["a", "s"], ["p"]),
        helper.make_node("Sigmoid", ["p"], ["g"]),
        helper.make_node("Conv", ["g", "v"], ["y"], kernel_shape=[1, 1]),
    ]
    source = network(nodes, {"w": drawn(7, 3, 1, 1), "s": drawn(7, 1, 1), "v": drawn(5, 7, 1, 1)}, 5)

    made = onnx.load_model_from_string(rewritten(card_for(source, 5), source))

    assert [list(each.dims) for each in made.graph.initializer if each.name == "w"] == [[7, 3, 1, 1]]


def normalized(first: NodeProto, w: NDArray[np.float32], channels: int) -> bytes:
    """A layer from `x` to `c`, and a normalization behind it."""
    norm = helper.make_node("BatchNormalization", ["c", "scale", "shift", "mean", "variance"], ["y"], epsilon=1e-3)
    parts = {name: drawn(channels, seed=seed) for seed, name in enumerate(("scale", "shift", "mean"), 1)}
    return network([first, norm], {"w": w, **parts, "variance": np.abs(drawn(channels, seed=4)) + np.float32(0.1)}, channels)


def test_a_normalization_goes_into_the_convolution_before_it() -> None:
    source = normalized(helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]), drawn(5, 3, 1, 1), 5)
    card = card_for(source, 5)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    assert operators(made) == {"Conv": 1}


def test_a_normalization_behind_a_product_of_pictures_stays_for_its_columns_are_no_channels() -> None:
    source = normalized(helper.make_node("MatMul", ["x", "w"], ["c"]), drawn(8, 8), 3)

    with pytest.raises(GraphNotRewrittenError, match="nothing to gain"):
        rewritten(card_for(source, 3), source)


def reshaped(opset: int) -> bytes:
    """A convolution whose answer is reshaped by its own batch size, as detectors are exported."""
    unsqueeze = helper.make_node("Unsqueeze", ["batch", "axis"], ["first"])
    if opset < 13:
        unsqueeze = helper.make_node("Unsqueeze", ["batch"], ["first"], axes=[0])
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("Shape", ["c"], ["shape"]),
        helper.make_node("Gather", ["shape", "index"], ["batch"], axis=0),
        unsqueeze,
        helper.make_node("Concat", ["first", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["c", "target"], ["y"]),
    ]
    weights: dict[str, NDArray[np.generic]] = {"w": drawn(5, 3, 1, 1), "index": np.array(0), "rest": np.array([5, 8, 8])}
    if opset >= 13:
        weights["axis"] = np.array([0])
    return network(nodes, weights, 5, opset)


@pytest.mark.parametrize("opset", [11, 13, 17])
def test_arithmetic_of_shapes_is_reckoned_beforehand_whatever_the_opset(opset: int) -> None:
    source = reshaped(opset)
    card = card_for(source, 5)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) == 0
    assert operators(made) == {"Conv": 1, "Reshape": 1}
    assert onnx.load_model_from_string(made).opset_import[0].version == max(13, opset)


def open_lengths() -> tuple[ModelCard, bytes]:
    """A network that takes pictures of any size."""
    model = onnx.load_model_from_string(mobile_network())
    for each in (model.graph.input[0], model.graph.output[0]):
        for place, name in ((2, "height"), (3, "width")):
            each.type.tensor_type.shape.dim[place].dim_param = name
    content = model.SerializeToString()
    card = replace(
        card_for(content, 5),
        input=tensor("x", (1, 3, "height", "width")),
        outputs=(tensor("y", (1, 5, "height", "width")),),
    )
    return card, content


def test_a_size_is_fixed_only_for_a_caller_who_names_one() -> None:
    card, source = open_lengths()

    either = [onnx.load_model_from_string(rewritten(card, source, shape)) for shape in (None, (1, 3, 16, 24))]

    lengths = [[each.dim_value for each in model.graph.input[0].type.tensor_type.shape.dim] for model in either]
    assert lengths == [[1, 3, 0, 0], [1, 3, 16, 24]]


@pytest.mark.parametrize("shape", [(1, 3, 16), (2, 3, 16, 16), (1, 4, 16, 16)])
def test_a_size_that_the_card_does_not_allow_is_refused(shape: tuple[int, ...]) -> None:
    card, source = open_lengths()

    with pytest.raises(GraphNotRewrittenError, match=r"small.*shape"):
        rewritten(card, source, shape)


def test_the_same_file_gives_the_same_bytes() -> None:
    source = mobile_network()

    made = [rewritten(card_for(source, 5), source) for _ in range(3)]

    assert len(set(made)) == 1
    assert made[0] != source


def test_a_record_says_what_was_done_and_what_was_compared() -> None:
    source = mobile_network()
    card = card_for(source, 5)

    variant, made = rewritten_variant(card, source, LOOK)

    assert (variant.form, variant.file, variant.sha256) == (Form.REWRITTEN, "small.rewritten.onnx", digest_of(made))
    assert (variant.passed, variant.source_sha256) == (True, card.sha256)
    assert variant.provenance["rewrites"] == {"filled channels": 1, "rewritten slopes": 2}
    assert variant.provenance["gate"]["inputs"] == 4  # type: ignore[index]  # a record is plain JSON
    assert variant.provenance["versions"] == {"onnx": onnx.__version__}


def test_a_file_that_answers_otherwise_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    source = mobile_network()
    monkeypatch.setattr("models.graph.TOLERANCE", 0.0)

    variant, _ = rewritten_variant(card_for(source, 5), source, LOOK)

    assert variant.passed is False


def test_networks_that_differ_are_told_apart_by_how_much() -> None:
    one, other = mobile_network(), mobile_network(MIXED)

    assert largest_difference(card_for(one, 5), one, other, LOOK) > 0.1


BROKEN = {
    "nothing": b"",
    "cut off": mobile_network()[:-200],
    "cut off early": mobile_network()[:64],
    "text": b"this is no network",
    "a zip": b"PK\x03\x04" + bytes(100),
    "a TensorFlow Lite file": b"\x1c\x00\x00\x00TFL3" + bytes(100),
    "another network": tiny_onnx("Log", [1, 2], [1, 2]),
    "another shape": network([helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1])], {"w": drawn(7, 3, 1, 1)}, 7),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_not_the_promised_network_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(GraphNotRewrittenError, match=r"model small: the file small\.onnx"):
        rewritten(card_for(content, 5), content)


def test_a_swapped_file_is_refused_before_it_is_read() -> None:
    source = mobile_network()

    with pytest.raises(DigestMismatchError, match="small"):
        rewritten_variant(card_for(source, 5), source + b"\x00")


def test_a_byte_that_fell_over_is_refused_or_harmless_but_never_crashes() -> None:
    outcomes = set()

    for broken in fallen_over(mobile_network()):
        try:
            rewritten(card_for(broken, 5), broken)
            outcomes.add("rewritten")
        except GraphNotRewrittenError:
            outcomes.add("refused")

    assert outcomes == {"rewritten", "refused"}


def test_operators_of_somebody_else_are_refused() -> None:
    node = helper.make_node("Secret", ["x"], ["y"], domain="com.example")
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 5, 8, 8])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    content = helper.make_model(graph, opset_imports=opsets).SerializeToString()

    with pytest.raises(GraphNotRewrittenError, match=r"small.*com\.example"):
        rewritten(card_for(content, 5), content)


def test_numbers_in_another_file_are_never_followed(tmp_path: Path) -> None:
    model = onnx.load_model_from_string(mobile_network())
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    entry = weights.external_data.add()
    entry.key, entry.value = "location", str(tmp_path / "elsewhere")
    content = model.SerializeToString()

    with pytest.raises(GraphNotRewrittenError, match=r"small.*another file"):
        rewritten(card_for(content, 5), content)


def test_a_file_of_onnx_under_the_card_of_another_library_is_refused() -> None:
    source = mobile_network()

    for runtime, reason in ((Runtime.TFLITE, "its mark is missing"), (Runtime.OPENCV, "this is opencv")):
        with pytest.raises(GraphNotRewrittenError, match=rf"small.*{reason}"):
            rewritten(replace(card_for(source, 5), runtime=runtime), source)


GAINS = {
    "yunet_n": {"folded nodes", "joined siblings"},
    "landmarks5": {"rewritten slopes"},
    "embedder": {"rewritten slopes"},
    "espdl_mfn": {"rewritten slopes"},
    "minifasnet_v2": {"folded norms", "filled channels", "rewritten slopes"},
    "minifasnet_v1se": {"folded norms", "filled channels", "rewritten slopes"},
}


@pytest.mark.weights
@pytest.mark.parametrize("name", GAINS)
def test_a_shipped_network_is_rewritten_and_answers_the_same(model_store: ModelStore, name: str) -> None:
    card = model_store.card(name)

    variant, made = rewritten_variant(card, model_store.path(name).read_bytes())

    assert variant.passed
    assert variant.provenance["rewrites"].keys() == GAINS[name]  # type: ignore[attr-defined]  # a record is plain JSON
    assert not operators(made).keys() & {"PRelu", "Max", "Min"}
