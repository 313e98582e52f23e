"""The benchmark picks what is surely faster and answers the same; what fails its trial or answers otherwise is never chosen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from models.benchmark import LEAST_GAIN, Measured, fastest, measure, ratio_of
from models.candidates import Candidate, Field, field_of
from models.card import Purpose, Runtime
from models.choice import Numbers, Ratio
from models.digests import digest_of
from models.errors import ModelTrialFailedError
from models.store import ModelStore
from models.trial import TrialReport
from models.variant import Form, Variant, variant_file
from tests.models.made_up import ForbiddenFetch, cached_network, card, offline_store_of, tiny_onnx
from tests.models.onnx_steps import onnx_file

SHIPPED = tiny_onnx("Identity", [1, 2], [1, 2])
SAME = tiny_onnx("Relu", [1, 2], [1, 2])
OTHER = tiny_onnx("Neg", [1, 2], [1, 2])
REPORT = TrialReport(30.0, 20.0, 1.0, 4096, 8192)
WITHIN = digest_of(b"the matcher that embedders were judged in")
Trial = Callable[[Candidate], TrialReport]


def good(candidate: Candidate) -> TrialReport:
    return REPORT


def refusing(form: Form) -> Trial:
    def trial(candidate: Candidate) -> TrialReport:
        if candidate.form is form:
            raise ModelTrialFailedError(candidate.card, candidate.path, "it crashed its process (SIGSEGV), opening")
        return REPORT

    return trial


def store_with(folder: Path, purpose: Purpose = Purpose.TEXTURE, **made: tuple[bytes, bool]) -> ModelStore:
    source = replace(cached_network(folder, "tiny", SHIPPED), purpose=purpose)
    store = offline_store_of(folder, source)
    for word, (content, passed) in made.items():
        form = Form(word)
        file = variant_file(source, form)
        store.keep(Variant("tiny", form, file, digest_of(content), len(content), source.sha256, passed, {}, WITHIN), content)
    return store


def clock_of(*costs_ms: float) -> Callable[[], int]:
    """A clock for candidates that are measured in turns: each of three runs of each takes what is given for it."""

    def ticks() -> Iterator[int]:
        now = 0
        while True:
            for cost_ms in costs_ms:
                for _ in range(3):
                    yield now
                    now += int(cost_ms * 1e6)
                    yield now

    ticking = ticks()
    return lambda: next(ticking)


def only_ours(field: Field) -> Field:
    """Without OpenCV, whose candidates come last."""
    return replace(field, others=tuple(each for each in field.others if each.card.runtime is Runtime.ONNX))


def test_the_faster_file_is_chosen_with_its_numbers(tmp_path: Path) -> None:
    field = only_ours(field_of(store_with(tmp_path, int8=(SAME, True), rewritten=(SAME, True)), "tiny"))

    found = measure(field, 4, clock_of(10, 8, 5), good)

    assert found.choice.form is Form.INT8
    assert found.choice.ratio == Ratio(0.5, 0.5, 0.5)
    assert (found.choice.numbers.median_cpu_ms, found.choice.shipped.median_cpu_ms) == (5, 10)
    assert found.choice.numbers.cold_cpu_ms == 20
    assert found.choice.sha256 == digest_of(SAME)


def test_a_tie_goes_to_the_shipped_file(tmp_path: Path) -> None:
    field = only_ours(field_of(store_with(tmp_path, int8=(SAME, True), rewritten=(SAME, True)), "tiny"))

    found = measure(field, 4, clock_of(10, 9.8, 10), good)

    assert found.choice.form is Form.SHIPPED
    assert len(found.measured) == 3


def measured_as(ratio: Ratio, label: str = "other") -> Measured:
    made = replace(card(), file=label)
    return Measured(Candidate(card(), Form.REWRITTEN, made, Path(label)), Numbers(1, 1, 1, 1, None), ratio)


SHIPS = measured_as(Ratio(1, 1, 1), "shipped")


@pytest.mark.parametrize(
    ("ratio", "label"),
    [
        (Ratio(0.8, 0.7, 0.9), "other"),
        (Ratio(0.8, 0.6, 1.05), "shipped"),
        (Ratio(0.96, 0.95, 1 - LEAST_GAIN / 2), "shipped"),
        (Ratio(1.2, 1.1, 1.3), "shipped"),
    ],
    ids=["surely faster", "perhaps faster", "hardly faster", "slower"],
)
def test_only_what_is_surely_faster_is_chosen(ratio: Ratio, label: str) -> None:
    assert fastest([SHIPS, measured_as(ratio)]).candidate.card.file == label


@pytest.mark.parametrize(("high", "label"), [(0.99, "other"), (1.02, "other"), (1.04, "shipped")])
def test_what_moves_into_the_memory_that_all_share_may_tie_but_not_be_slower(high: float, label: str) -> None:
    moved = measured_as(Ratio(0.96, 0.94, high))
    moved = replace(moved, candidate=replace(moved.candidate, source=replace(card(), runtime=Runtime.TFLITE)))

    assert fastest([SHIPS, moved]).candidate.card.file == label


def test_the_fastest_of_several_is_chosen() -> None:
    found = fastest([SHIPS, measured_as(Ratio(0.8, 0.7, 0.9), "a"), measured_as(Ratio(0.5, 0.4, 0.6), "b")])

    assert found.candidate.card.file == "b"


@pytest.mark.parametrize(("high", "chosen"), [(0.45, "int8"), (0.59, "exact"), (0.7, "exact")])
def test_integers_are_chosen_only_where_they_are_surely_faster_than_what_is_exact(high: float, chosen: str) -> None:
    integers = measured_as(Ratio(0.4, 0.35, high), "int8")
    integers = replace(integers, candidate=replace(integers.candidate, form=Form.INT8))

    assert fastest([SHIPS, integers, measured_as(Ratio(0.6, 0.55, 0.65), "exact")]).candidate.card.file == chosen


def test_what_slows_both_cancels_and_noise_widens_the_interval() -> None:
    load = np.linspace(1, 3, 20)[:, None] * np.ones((20, 3))
    noise = np.random.default_rng(3).uniform(0.5, 1.5, (20, 3))

    steady, noisy = ratio_of(4 * load, 10 * load), ratio_of(4 * load * noise, 10 * load)

    assert (steady.low, steady.median, steady.high) == pytest.approx((0.4, 0.4, 0.4))
    assert noisy.low < noisy.median < noisy.high


def test_the_interval_is_one_of_95_percent() -> None:
    ratios = np.random.default_rng(1).normal(0.5, 0.1, (400, 1))

    found = ratio_of(ratios, np.ones((400, 1)))

    # A median of many normal numbers scatters by sqrt(pi / 2) as much as their mean.
    expected = 2 * 1.96 * np.sqrt(np.pi / 2) * 0.1 / np.sqrt(400)
    assert 0.7 * expected < found.high - found.low < 1.4 * expected


def test_answers_other_than_those_of_the_shipped_file_are_refused_however_fast(tmp_path: Path) -> None:
    field = only_ours(field_of(store_with(tmp_path, rewritten=(OTHER, True)), "tiny"))

    found = measure(field, 4, clock_of(10, 1), good)

    assert found.choice.form is Form.SHIPPED
    assert [refusal.label for refusal in found.refused] == ["rewritten through onnx"]
    assert "its output y is another one" in found.refused[0].reason


@pytest.mark.parametrize(("factor", "labels"), [(1.0005, ["rewritten through onnx"]), (1.002, [])])
def test_another_library_may_round_otherwise_and_nothing_more(tmp_path: Path, factor: float, labels: list[str]) -> None:
    step = helper.make_node("Mul", ["x", "factor"], ["y"])
    near = onnx_file([step], [1, 2], [1, 2], {"factor": np.array(factor, np.float32)})
    field = only_ours(field_of(store_with(tmp_path, rewritten=(near, True)), "tiny"))

    found = measure(field, 4, clock_of(*[10.0] * (1 + len(labels))), good)

    assert [each.candidate.label for each in found.measured[1:]] == labels


def test_what_fails_its_trial_is_named_and_the_others_are_measured(tmp_path: Path) -> None:
    field = only_ours(field_of(store_with(tmp_path, rewritten=(SAME, True), int8=(SAME, True)), "tiny"))

    found = measure(field, 4, clock_of(10, 5), refusing(Form.REWRITTEN))

    assert found.choice.form is Form.INT8
    assert "SIGSEGV" in found.refused[0].reason


def test_a_shipped_file_that_fails_its_trial_is_an_error_and_nothing_is_chosen(tmp_path: Path) -> None:
    with pytest.raises(ModelTrialFailedError, match="SIGSEGV"):
        measure(field_of(store_with(tmp_path), "tiny"), 4, clock_of(10), refusing(Form.SHIPPED))


def test_a_candidate_that_is_not_there_any_more_is_refused(tmp_path: Path) -> None:
    field = only_ours(field_of(store_with(tmp_path, rewritten=(SAME, True)), "tiny"))
    field.others[0].path.unlink()

    found = measure(field, 4, clock_of(10), good)

    assert "rewritten" in found.refused[0].reason


def test_a_network_that_did_not_pass_its_gate_never_runs(tmp_path: Path) -> None:
    field = field_of(store_with(tmp_path, int8=(SAME, False)), "tiny")

    assert Form.INT8 not in [each.form for each in field.others]
    assert "it did not pass its gate" in [refusal.reason for refusal in field.refused]


def test_a_quantized_embedder_runs_only_where_somebody_says_so(tmp_path: Path) -> None:
    store = store_with(tmp_path, Purpose.EMBEDDER, int8=(SAME, True))

    forbidden, allowed, elsewhere = (field_of(store, "tiny", within) for within in (None, WITHIN, digest_of(b"another")))

    assert [each.form for each in forbidden.others] == []
    assert any("policies name" in refusal.reason for refusal in forbidden.refused)
    assert [(each.form, each.card.runtime) for each in allowed.others] == [(Form.INT8, Runtime.ONNX)]
    assert [each.form for each in elsewhere.others] == []
    assert any("another matcher than the unit runs" in refusal.reason for refusal in elsewhere.refused)


def test_exact_files_run_through_opencv_too_and_quantized_ones_do_not(tmp_path: Path) -> None:
    field = field_of(store_with(tmp_path, int8=(SAME, True), rewritten=(SAME, True)), "tiny")

    assert [each.label for each in field.others] == [
        "rewritten through onnx",
        "int8 through onnx",
        "shipped through opencv",
        "rewritten through opencv",
    ]


def test_a_record_that_rots_costs_its_file_and_nothing_else(tmp_path: Path) -> None:
    store = store_with(tmp_path, int8=(SAME, True))
    (tmp_path / "cache" / "tiny.int8.onnx.json").write_bytes(b"{")

    field = field_of(store, "tiny")

    assert any("tiny.int8.onnx.json" in refusal.reason for refusal in field.refused)
    assert Form.INT8 not in [each.form for each in field.others]


@pytest.mark.weights
def test_a_shipped_network_is_tried_measured_and_an_exact_rewrite_made(tmp_path: Path, model_store: ModelStore) -> None:
    store = ModelStore(model_store.manifest, model_store.path("landmarks5").parent, tmp_path, ForbiddenFetch())

    found = measure(field_of(store, "landmarks5"), 3, time.process_time_ns)

    labels = [each.candidate.label for each in found.measured]
    assert labels[:2] == ["shipped through onnx", "rewritten through onnx"]
    assert all(each.numbers.cost is not None and each.numbers.added_bytes > 0 for each in found.measured)
    assert (tmp_path / "face_landmarks5_retail0009_fp32.rewritten.onnx").is_file()
