"""Counts the work of a TensorFlow Lite graph from the steps and shapes that its interpreter tells."""

from __future__ import annotations

import math

from models.card import ModelCard
from models.cost import NetworkCost
from models.errors import CostUnknownError
from models.runtime_tflite import TfliteStep, TfliteTensor, read_steps

_RENAME = {"RESHAPE", "SQUEEZE", "EXPAND_DIMS"}
_CONTROL = {"IF", "WHILE", "CALL", "CALL_ONCE"}


def tflite_cost(card: ModelCard, content: bytes, shape: tuple[int, ...]) -> NetworkCost:
    """Count a TensorFlow Lite file; raises as `cost.cost_of` does."""
    steps = read_steps(card, content, shape)
    made = {tensor.index for step in steps for tensor in step.outputs}
    read = {tensor.index: tensor for step in steps for tensor in step.inputs}
    weights = {index: tensor for index, tensor in read.items() if index not in made and not tensor.is_input}
    constants = set(weights)
    live = []
    for step in steps:
        # What follows from weights alone, such as float16 made float32, is done once, when the file is opened.
        if all(tensor.index in constants for tensor in step.inputs):
            constants.update(tensor.index for tensor in step.outputs)
        else:
            live.append(step)
    macs = sum(_macs(card, step) for step in live)
    return NetworkCost(macs, sum(map(_bytes, weights.values())), sum(_moved_bytes(step, constants) for step in live))


def _macs(card: ModelCard, step: TfliteStep) -> int:
    match step.operator:
        case "CONV_2D" | "CONV_3D":
            return _numbers(step.outputs[0]) * math.prod(step.inputs[1].shape[1:])
        case "DEPTHWISE_CONV_2D":
            return _numbers(step.outputs[0]) * math.prod(step.inputs[1].shape[1:3])
        case "TRANSPOSE_CONV":
            return _numbers(step.inputs[2]) * math.prod(step.inputs[1].shape[:3])
        case "FULLY_CONNECTED":
            return _numbers(step.outputs[0]) * step.inputs[1].shape[-1]
        case "BATCH_MATMUL":
            # The length that is summed over is what rows of the first factor hold beside those of the product.
            return _numbers(step.outputs[0]) * math.prod(step.inputs[0].shape[-2:]) // step.outputs[0].shape[-2]
        case operator if operator in _CONTROL or operator.startswith("CUSTOM"):
            raise CostUnknownError(card, f"its step {operator} cannot be counted")
    return 0


def _moved_bytes(step: TfliteStep, constants: set[int]) -> int:
    if step.operator in _RENAME:
        return 0
    return sum(_bytes(tensor) for tensor in (*step.inputs, *step.outputs) if tensor.index not in constants)


def _numbers(tensor: TfliteTensor) -> int:
    return math.prod(tensor.shape)


def _bytes(tensor: TfliteTensor) -> int:
    return _numbers(tensor) * tensor.item_bytes
