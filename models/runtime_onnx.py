"""The onnxruntime door: the only file that imports onnxruntime."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# onnxruntime collects usage data unless this stands in the environment before it is imported. On a unit nothing is collected.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from models.card import ModelCard
from models.contract import Tensor, check_declared, check_tensor, input_contract
from models.digests import content_of
from models.errors import NetworkContractError, NetworkFailedError, NetworkNotLoadedError, first_line

VERSION = f"onnxruntime {onnxruntime.__version__}"

_LOG_ERRORS_ONLY = 3

_SAVED = b"ORTM"
"""What stands in a file of onnxruntime's own format (onnxruntime/core/flatbuffers/schema/ort.fbs, file_identifier)."""

# onnxruntime has one Python class per status code and no common parent but Exception.
_CLASSES = [value for value in vars(native).values() if isinstance(value, type)]
_NATIVE_ERRORS: tuple[type[Exception], ...] = (
    *(each for each in _CLASSES if issubclass(each, Exception)),
    RuntimeError,
    ValueError,
)


_SAME_AS_REQUESTED = 1
"""The arena grows by what is asked for, not to the next power of two (onnxruntime, ArenaExtendStrategy)."""


def _share_an_arena() -> None:
    """Let all networks of this process reckon in the same memory: they answer in turns, so one needs what the last one needed."""
    growth = {"arena_extend_strategy": _SAME_AS_REQUESTED, "max_mem": 0, "initial_chunk_size_bytes": -1}
    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo("Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT),
        onnxruntime.OrtArenaCfg({**growth, "max_dead_bytes_per_chunk": -1}),
    )


_share_an_arena()


class OnnxNetwork:
    """A network run by onnxruntime on the CPU with one thread that sleeps when there is nothing to do.

    Input and outputs: as on the card. Only one thread may use it.
    """

    def __init__(self, card: ModelCard, content: bytes) -> None:
        self._card = card
        self._input = input_contract(card)
        self._output_names = [output.name for output in card.outputs]
        try:
            self._session = _session(content)
        except _NATIVE_ERRORS as error:
            raise NetworkNotLoadedError(card, first_line(error)) from error
        self._check_declared()

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs in the order of the card; raises `NetworkContractError` or `NetworkFailedError`."""
        check_tensor(self._card, self._input, tensor)
        try:
            outputs: list[Tensor] = self._session.run(self._output_names, {self._input.name: tensor})
        except _NATIVE_ERRORS as error:
            raise NetworkFailedError(self._card, first_line(error)) from error
        for contract, output in zip(self._card.outputs, outputs, strict=True):
            check_tensor(self._card, contract, output)
        return tuple(outputs)

    def give_back(self) -> None:
        """Free what is unused of the arena that all networks share; costs a run on a blank. Raises `NetworkFailedError`."""
        options = onnxruntime.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        shape = [length if isinstance(length, int) else self._input.multiple_of for length in self._input.shape]
        try:
            self._session.run(self._output_names, {self._input.name: np.zeros(shape, np.float32)}, options)
        except _NATIVE_ERRORS as error:
            raise NetworkFailedError(self._card, first_line(error)) from error

    def _check_declared(self) -> None:
        declared = {node.name: node for node in (*self._session.get_inputs(), *self._session.get_outputs())}
        if len(self._session.get_inputs()) != 1:
            raise NetworkContractError(self._card, self._input.name, "is not the only input of the file")
        for contract in (self._input, *self._card.outputs):
            if contract.name not in declared:
                raise NetworkContractError(self._card, contract.name, f"is not in the file, which has {', '.join(declared)}")
            check_declared(self._card, contract, declared[contract.name].shape)


def saved_form(card: ModelCard, content: bytes, scratch: Path) -> bytes:
    """What onnxruntime makes of a file on this machine, so that it need not do so again; `scratch` is an empty folder.

    It holds for this version and this processor only. Raises `NetworkNotLoadedError`.
    """
    options = _options()
    options.optimized_model_filepath = str(scratch / "saved.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    try:
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except _NATIVE_ERRORS as error:
        raise NetworkNotLoadedError(card, first_line(error)) from error
    return content_of(scratch / "saved.ort")


def _session(content: bytes) -> Any:
    options = _options()
    if content[4:8] == _SAVED:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    # It keeps the whole file so that it could open it again elsewhere after a failure. There is no elsewhere.
    session.disable_fallback()
    session._model_bytes = None
    return session


def _options() -> Any:  # onnxruntime ships no types
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = _LOG_ERRORS_ONLY
    # A block laid out for a whole run fits between no others, so an arena with such blocks is twice as large and no faster.
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Spinning threads win microseconds and cost watts on a unit that waits most of the day.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
