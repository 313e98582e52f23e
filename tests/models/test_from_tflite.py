"""A network of TensorFlow Lite written anew for onnxruntime answers the same; what is not understood is refused with its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from models.benchmark import measure
from models.board import this_board
from models.candidates import field_of
from models.card import ModelCard, Runtime
from models.choice import Choices
from models.digests import digest_of
from models.errors import GraphNotRewrittenError
from models.graph import TOLERANCE, largest_difference, rewritten, rewritten_variant
from models.library import open_chosen
from models.rewrites.tflite_reader import read_tflite
from models.runtime import network_of, runtime_version
from models.store import ModelStore
from models.variant import Form
from tests.models.graphs import drawn, fallen_over
from tests.models.made_up import card, offline_store_of, tensor
from tests.models.test_benchmark import clock_of, good
from tests.models.tflite_file import Net, Table, byte, whole, wholes

SIDE = 9
"""Odd, so that SAME pads otherwise before than after."""
LOOK = [np.random.default_rng(seed).uniform(0, 1, (1, SIDE, SIDE, 3)).astype(np.float32) for seed in range(3)]
CONV, DEPTHWISE, POOL, CONCATENATION, ADD = 1, 2, 5, 10, 11
SAME, VALID = 0, 1
RELU, TANH = 1, 4


def window(padding: int, stride: int, activation: tuple[int, int] = (3, 0)) -> Table:
    return Table({0: byte(padding), 1: whole(stride), 2: whole(stride), activation[0]: byte(activation[1])})


def small_file(activation: int = RELU, last: int = 54, padding: int = SAME) -> bytes:
    """Two kinds of convolution, a pool whose channels are doubled, a sum and slopes; some weights in half precision."""
    net = Net()
    rest = 5 if padding == SAME else 4
    x = net.tensor("x", (1, SIDE, SIDE, 3))
    a = net.tensor("a", (1, rest, rest, 8))
    half = net.constant(drawn(8, 3, 3, 3, seed=1).astype(np.float16))
    full = net.tensor("full", (8, 3, 3, 3))
    net.step(6, [half], full)
    net.step(3, [x, full, net.constant(drawn(8, seed=2))], a, CONV, window(padding, 2, (3, activation)))
    b = net.tensor("b", (1, rest - 2, rest - 2, 16))
    options = Table({0: byte(VALID), 1: whole(1), 2: whole(1), 3: whole(2), 4: byte(0)})
    net.step(4, [a, net.constant(drawn(1, 3, 3, 16, seed=3)), net.constant(drawn(16, seed=4))], b, DEPTHWISE, options)
    c = net.tensor("c", (1, rest - 2, rest - 2, 8))
    pool = Table({0: byte(VALID), 1: whole(1), 2: whole(1), 3: whole(3), 4: whole(3), 5: byte(0)})
    net.step(17, [a], c, POOL, pool)
    d = net.tensor("d", (1, rest - 2, rest - 2, 16))
    net.step(34, [c, net.constant(np.array([[0, 0], [0, 0], [0, 0], [0, 8]], np.int32))], d)
    e = net.tensor("e", (1, rest - 2, rest - 2, 16))
    net.step(0, [b, d], e, ADD, Table({0: byte(0)}))
    y = net.tensor("y", (1, rest - 2, rest - 2, 16))
    net.step(last, [e, net.constant(drawn(1, 1, 16, seed=5) * 3)], y)
    return net.content(x, y)


def card_for(content: bytes, side: int = 3) -> ModelCard:
    shapes = {"input": tensor("x", (1, SIDE, SIDE, 3)), "outputs": (tensor("y", (1, side, side, 16)),)}
    return replace(card(content, name="small"), file="small.tflite", runtime=Runtime.TFLITE, **shapes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("padding", "side"), [(SAME, 3), (VALID, 2)])
@pytest.mark.parametrize("activation", [0, RELU])
def test_it_answers_what_the_file_answers(padding: int, side: int, activation: int) -> None:
    source = small_file(activation, padding=padding)
    card = card_for(source, side)

    made = rewritten(card, source)

    assert largest_difference(card, source, made, LOOK) < TOLERANCE / 10
    kinds = {node.op_type for node in onnx.load_model_from_string(made).graph.node}
    assert kinds.isdisjoint({"PRelu", "Pad"})
    assert sum(node.op_type == "Transpose" for node in onnx.load_model_from_string(made).graph.node) == 1


def test_the_same_file_gives_the_same_bytes() -> None:
    source = small_file()

    assert rewritten(card_for(source), source) == rewritten(card_for(source), source)


def test_its_record_and_card_say_that_it_is_for_onnxruntime_now() -> None:
    source = small_file()
    card = card_for(source)

    variant, made = rewritten_variant(card, source)

    assert (variant.form, variant.file, variant.passed) == (Form.REWRITTEN, "small.rewritten.onnx", True)
    opened = variant.card_of(card)
    assert (opened.runtime, opened.sha256, opened.input, opened.outputs) == (
        Runtime.ONNX,
        digest_of(made),
        card.input,
        card.outputs,
    )
    assert replace(variant, form=Form.INT8).card_of(card).runtime is Runtime.TFLITE


REFUSED = {
    "nothing": (b"", "its mark is missing"),
    "ONNX": (b"\x08\x08\x12\x04test" * 9, "its mark is missing"),
    "only a mark": (b"\x1c\x00\x00\x00TFL3", "no whole"),
    "a mark and nothing": (b"\x1c\x00\x00\x00TFL3" + bytes(100), "no whole|0 graphs"),
    "cut off": (small_file()[:-900], "no whole"),
    "a step that is not known": (small_file(last=28), "operator 28"),
    "an activation that is not known": (small_file(activation=TANH), "CONV_2D.*activation has the number 4"),
    "another name": (small_file().replace(b"\x01\0\0\0x\0", b"\x01\0\0\0z\0"), "x is not its only input"),
    "another answer": (small_file().replace(b"\x01\0\0\0y\0", b"\x01\0\0\0z\0"), "no output y"),
}


def slopes_of_places(net: Net, x: int, y: int) -> None:
    net.step(54, [x, net.constant(drawn(SIDE, SIDE, 3))], y)


def no_slopes(net: Net, x: int, y: int) -> None:
    net.constant(drawn(1, 1, 3))
    net.step(54, [x, -1], y)


def sum_of_two_shapes(net: Net, x: int, y: int) -> None:
    column = net.tensor("column", (1, SIDE, 1, 3))
    pool = Table({0: byte(VALID), 1: whole(1), 2: whole(1), 3: whole(SIDE), 4: whole(1), 5: byte(0)})
    net.step(17, [x], column, POOL, pool)
    net.step(0, [x, column], y, ADD, Table({0: byte(0)}))


def settings_of_another_step(net: Net, x: int, y: int) -> None:
    net.step(3, [x, net.constant(drawn(3, 1, 1, 3))], y, POOL, window(SAME, 1))


def a_place_beyond_all_tensors(net: Net, x: int, y: int) -> None:
    net.step(54, [x, 99], y)


def weights_that_are_sparse(net: Net, x: int, y: int) -> None:
    slopes = net.constant(drawn(1, 1, 3))
    net.tensors[slopes] = Table({**net.tensors[slopes].fields, 6: Table({})})
    net.step(54, [x, slopes], y)


def an_operator_beyond_127(net: Net, x: int, y: int) -> None:
    net.step(150, [x], y)


def a_row_of_two_pictures(net: Net, x: int, y: int) -> None:
    net.step(2, [x, x], y, CONCATENATION, Table({0: whole(3), 1: byte(0)}))


def a_picture_made_of_a_list(net: Net, x: int, y: int) -> None:
    flat = net.tensor("flat", (1, SIDE * SIDE, 3))
    net.step(22, [x], flat)
    net.step(22, [flat], y)


def a_list_that_is_too_long(net: Net, x: int, y: int) -> None:
    net.step(22, [x], y)
    net.tensors[y] = Table({**net.tensors[y].fields, 0: wholes(1, SIDE * SIDE, 4)})


ODD: dict[Callable[[Net, int, int], None], str] = {
    slopes_of_places: "PRELU.*not one for each channel",
    no_slopes: "PRELU.*leaves an input out",
    sum_of_two_shapes: "ADD.*two shapes",
    settings_of_another_step: "CONV_2D.*those of another step",
    a_place_beyond_all_tensors: "a step names a tensor that is not there",
    weights_that_are_sparse: "PRELU.*no constant",
    an_operator_beyond_127: "operator 150",
    a_row_of_two_pictures: "CONCATENATION.*joins pictures",
    a_picture_made_of_a_list: "RESHAPE.*it makes",
    a_list_that_is_too_long: "RESHAPE.*it makes",
}


def file_of(write: Callable[[Net, int, int], None]) -> bytes:
    net = Net()
    x, y = net.tensor("x", (1, SIDE, SIDE, 3)), net.tensor("y", (1, SIDE, SIDE, 3))
    write(net, x, y)
    return net.content(x, y)


@pytest.mark.parametrize(("write", "reason"), ODD.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_step_that_is_odd_is_refused_with_its_name(write: Callable[[Net, int, int], None], reason: str) -> None:
    content = file_of(write)

    with pytest.raises(GraphNotRewrittenError, match=rf"model small: the file small\.tflite.*({reason})"):
        rewritten(card_for(content), content)


@pytest.mark.parametrize(("operator", "kind", "first", "weights"), [(3, CONV, 4, (3, 3, 3, 3)), (4, DEPTHWISE, 5, (1, 3, 3, 3))])
def test_gaps_in_a_kernel_lie_where_the_file_says(operator: int, kind: int, first: int, weights: tuple[int, ...]) -> None:
    def with_gaps(net: Net, x: int, y: int) -> None:
        gaps = {first: whole(3), first + 1: whole(2)}
        options = Table({0: byte(SAME), 1: whole(1), 2: whole(1), **({3: whole(1)} if kind == DEPTHWISE else {}), **gaps})
        before = net.tensor("before", (1, SIDE, SIDE, 3))
        net.step(operator, [x, net.constant(drawn(*weights)), net.constant(drawn(3))], before, kind, options)
        net.step(54, [before, net.constant(drawn(1, 1, 3))], y)

    source = file_of(with_gaps)
    card = replace(card_for(source), outputs=(tensor("y", (1, SIDE, SIDE, 3)),))

    assert largest_difference(card, source, rewritten(card, source), LOOK) < TOLERANCE / 10


def lists_of_a_picture(axis: int) -> bytes:
    """Two lists of a picture's numbers, one of them as shares, in a row: what a network that finds things answers with."""
    net = Net()
    x = net.tensor("x", (1, SIDE, SIDE, 3))
    flat, shares = (net.tensor(name, (1, SIDE * SIDE, 3)) for name in ("flat", "shares"))
    slopes = net.tensor("slopes", (1, SIDE, SIDE, 3))
    net.step(54, [x, net.constant(drawn(1, 1, 3) * 3)], slopes)
    net.step(22, [slopes, net.constant(np.array([1, -1, 3], np.int32))], flat)
    net.step(14, [flat], shares)
    y = net.tensor("y", (1, SIDE * SIDE, 6) if axis in (2, -1) else (1, 2 * SIDE * SIDE, 3))
    net.step(2, [flat, shares], y, CONCATENATION, Table({0: whole(axis), 1: byte(0)}))
    return net.content(x, y)


@pytest.mark.parametrize(("axis", "shape"), [(1, (1, 2 * SIDE * SIDE, 3)), (2, (1, SIDE * SIDE, 6)), (-1, (1, SIDE * SIDE, 6))])
def test_lists_of_a_picture_keep_the_order_of_the_file(axis: int, shape: tuple[int, ...]) -> None:
    source = lists_of_a_picture(axis)
    card = replace(card_for(source), outputs=(tensor("y", shape),))

    assert largest_difference(card, source, rewritten(card, source), LOOK) < TOLERANCE / 10


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_with_its_name(content: bytes, reason: str) -> None:
    with pytest.raises(GraphNotRewrittenError, match=rf"model small: the file small\.tflite.*({reason})"):
        rewritten(card_for(content), content)


def test_a_byte_that_fell_over_is_refused_or_harmless_but_never_crashes() -> None:
    outcomes = set()

    for broken in fallen_over(small_file()):
        try:
            rewritten(card_for(broken), broken)
            outcomes.add("rewritten")
        except GraphNotRewrittenError:
            outcomes.add("refused")

    assert outcomes == {"rewritten", "refused"}


def test_a_unit_opens_it_in_onnxruntime_once_the_benchmark_has_chosen_it(tmp_path: Path) -> None:
    source = small_file()
    card = card_for(source)
    store = offline_store_of(tmp_path, card)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / card.file).write_bytes(source)

    field = field_of(store, "small")
    bench = measure(field, 4, clock_of(10, 5), good)
    choices = Choices(this_board(), {"onnx": runtime_version(Runtime.ONNX)}, {"small": bench.choice})
    opened = open_chosen(store, ["small"], choices)["small"]

    assert (bench.choice.form, bench.choice.runtime, bench.refused) == (Form.REWRITTEN, Runtime.ONNX, ())
    assert (opened.form, type(opened.network).__name__) == (Form.REWRITTEN, "OnnxNetwork")
    np.testing.assert_allclose(opened.network.run(LOOK[0])[0], network_of(card, source).run(LOOK[0])[0], atol=1e-4)


def test_a_choice_that_changes_nothing_loads_no_library_to_ask_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small_file()
    card = card_for(source)
    store = offline_store_of(tmp_path, card)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / card.file).write_bytes(source)
    bench = measure(field_of(store, "small"), 4, clock_of(10, 20), good)
    choices = Choices(this_board(), {"tflite": runtime_version(Runtime.TFLITE)}, {"small": bench.choice})
    asked: list[Runtime] = []
    monkeypatch.setattr("models.library.runtime_version", asked.append)

    opened = open_chosen(store, ["small"], choices, late=["small"])["small"]

    assert (opened.form, opened.card, asked) == (Form.SHIPPED, card, [])


@pytest.mark.weights
def test_the_dense_landmarks_answer_the_same(model_store: ModelStore) -> None:
    card, source = model_store.card("landmarks478"), model_store.path("landmarks478").read_bytes()

    variant, made = rewritten_variant(card, source)

    assert variant.passed
    question = np.random.default_rng(9).uniform(0, 1, (1, 256, 256, 3)).astype(np.float32)
    points, presence = network_of(card, source).run(question)
    found, found_presence = network_of(variant.card_of(card), made).run(question)
    assert np.abs(points - found).max() < 0.05
    assert np.abs(presence - found_presence).max() < 1e-3
    assert not {node.op_type for node in onnx.load_model_from_string(made).graph.node} & {"PRelu", "Pad"}


@pytest.mark.weights
def test_the_network_for_masks_answers_the_same(model_store: ModelStore) -> None:
    card, source = model_store.card("facemask_aizoo"), model_store.path("facemask_aizoo").read_bytes()

    variant, made = rewritten_variant(card, source)

    assert variant.passed
    question = np.random.default_rng(9).uniform(0, 1, (1, 260, 260, 3)).astype(np.float32)
    places, classes = network_of(card, source).run(question)
    found_places, found_classes = network_of(variant.card_of(card), made).run(question)
    assert np.abs(places - found_places).max() < 1e-3
    assert np.abs(classes - found_classes).max() < 1e-4


@pytest.mark.weights
def test_a_shipped_network_that_is_asked_no_picture_stays_what_it_is(model_store: ModelStore) -> None:
    with pytest.raises(GraphNotRewrittenError, match=r"blendshapes52.*no picture"):
        rewritten(model_store.card("blendshapes52"), model_store.path("blendshapes52").read_bytes())


@pytest.mark.weights
@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_a_shipped_network_that_was_cut_is_refused(model_store: ModelStore, share: float) -> None:
    content = model_store.path("landmarks478").read_bytes()

    with pytest.raises(GraphNotRewrittenError, match=r"landmarks478.*no whole"):
        read_tflite(model_store.card("landmarks478"), content[: int(len(content) * share)])
