"""The TensorFlow Lite door: the only file that imports tflite_runtime or ai_edge_litert, whichever is there."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.card import ModelCard, TensorContract
from models.contract import Tensor, check_declared, check_tensor, input_contract
from models.errors import NetworkContractError, NetworkFailedError, NetworkNotLoadedError

# Both libraries have the same Interpreter; tflite_runtime has no wheels for Python above 3.11, ai_edge_litert needs numpy 2.
if importlib.util.find_spec("tflite_runtime") is not None:
    import tflite_runtime
    from tflite_runtime.interpreter import Interpreter, OpResolverType

    VERSION = f"tflite-runtime {tflite_runtime.__version__}"
else:
    import ai_edge_litert
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    VERSION = f"ai-edge-litert {ai_edge_litert.__version__}"


class TfliteNetwork:
    """A network run by TensorFlow Lite on the CPU with one thread.

    Input and outputs: as on the card. Only one thread may use it.
    """

    def __init__(self, card: ModelCard, content: bytes) -> None:
        self._card = card
        self._input = input_contract(card)
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise NetworkNotLoadedError(card, str(error)) from error
        self._input_index = self._index_of(self._input, self._interpreter.get_input_details())
        self._output_indices = [self._index_of(output, self._interpreter.get_output_details()) for output in card.outputs]

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs in the order of the card; raises `NetworkContractError` or `NetworkFailedError`."""
        check_tensor(self._card, self._input, tensor)
        try:
            self._interpreter.set_tensor(self._input_index, tensor)
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise NetworkFailedError(self._card, str(error)) from error
        # get_tensor copies: the interpreter's own memory changes with the next run.
        outputs: tuple[Tensor, ...] = tuple(self._interpreter.get_tensor(index) for index in self._output_indices)
        for contract, output in zip(self._card.outputs, outputs, strict=True):
            check_tensor(self._card, contract, output)
        return outputs

    def _index_of(self, contract: TensorContract, details: Any) -> int:  # a list of untyped dictionaries of the library
        by_name = {str(detail["name"]): detail for detail in details}
        if contract.name not in by_name:
            raise NetworkContractError(self._card, contract.name, f"is not in the file, which has {', '.join(by_name)}")
        detail = by_name[contract.name]
        check_declared(self._card, contract, [int(length) for length in detail["shape_signature"]])
        return int(detail["index"])


@dataclass(frozen=True, slots=True)
class TfliteTensor:
    """One tensor of a file, as its interpreter lays it out."""

    index: int
    shape: tuple[int, ...]
    item_bytes: int
    is_input: bool
    """Whether it is given from outside."""


@dataclass(frozen=True, slots=True)
class TfliteStep:
    """One step of a file."""

    operator: str
    """The name that the format gives it, for example CONV_2D."""
    inputs: tuple[TfliteTensor, ...]
    outputs: tuple[TfliteTensor, ...]


def read_steps(card: ModelCard, content: bytes, shape: tuple[int, ...]) -> tuple[TfliteStep, ...]:
    """Return the steps of a file in their order, with the shapes that an input of this shape leads to.

    Raises `NetworkNotLoadedError`, `NetworkContractError`.
    """
    contract = input_contract(card)
    try:
        # A delegate would merge steps into one of its own.
        without = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter = Interpreter(model_content=content, num_threads=1, experimental_op_resolver_type=without)
        given = {str(detail["name"]): int(detail["index"]) for detail in interpreter.get_input_details()}
        if contract.name not in given:
            raise NetworkContractError(card, contract.name, f"is not in the file, which has {', '.join(given)}")
        interpreter.resize_tensor_input(given[contract.name], list(shape))
        interpreter.allocate_tensors()
        tensors = {int(each["index"]): _tensor(each, set(given.values())) for each in interpreter.get_tensor_details()}
        # The library tells the steps of a file only by this name, in every version that has been published.
        return tuple(_step(each, tensors) for each in interpreter._get_ops_details())
    except (ValueError, RuntimeError) as error:
        raise NetworkNotLoadedError(card, str(error)) from error


def _tensor(detail: Any, given: set[int]) -> TfliteTensor:
    shape = tuple(int(length) for length in detail["shape"])
    item_bytes = np.dtype(detail["dtype"]).itemsize
    return TfliteTensor(int(detail["index"]), shape, item_bytes, int(detail["index"]) in given)


def _step(detail: Any, tensors: Mapping[int, TfliteTensor]) -> TfliteStep:
    return TfliteStep(str(detail["op_name"]), _named(detail["inputs"], tensors), _named(detail["outputs"], tensors))


def _named(indices: Any, tensors: Mapping[int, TfliteTensor]) -> tuple[TfliteTensor, ...]:
    # An optional input that is not given has the index -1.
    return tuple(tensors[int(index)] for index in indices if int(index) in tensors)
