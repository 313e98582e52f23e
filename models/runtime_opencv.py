"""The OpenCV DNN door: runs ONNX files where the benchmark finds that faster. No manifest names it."""

from __future__ import annotations

import cv2
import numpy as np

from models.card import ModelCard
from models.contract import Tensor, check_declared, check_tensor, input_contract
from models.errors import NetworkContractError, NetworkFailedError, NetworkNotLoadedError
from models.onnx_declared import Declared, declared_tensors

VERSION = f"opencv {cv2.__version__}"

# Threads of OpenCV belong to the whole process, which wants one.
cv2.setNumThreads(1)


class OpencvNetwork:
    """A network run by OpenCV DNN on the CPU with one thread.

    Input and outputs: as on the card. Only one thread may use it.
    """

    def __init__(self, card: ModelCard, content: bytes) -> None:
        self._card = card
        self._input = input_contract(card)
        self._output_names = [output.name for output in card.outputs]
        self._check_declared(declared_tensors(card, content))
        try:
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
            self._net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
            self._net.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU)
        except cv2.error as error:
            raise NetworkNotLoadedError(card, _sentence(error)) from error

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs in the order of the card; raises `NetworkContractError` or `NetworkFailedError`."""
        check_tensor(self._card, self._input, tensor)
        try:
            self._net.setInput(tensor, self._input.name)
            found = self._net.forward(self._output_names)
        except cv2.error as error:
            raise NetworkFailedError(self._card, _sentence(error)) from error
        # OpenCV answers out of its own memory, which changes with the next run.
        outputs: tuple[Tensor, ...] = tuple(np.array(each) for each in found)
        for contract, output in zip(self._card.outputs, outputs, strict=True):
            check_tensor(self._card, contract, output)
        return outputs

    def _check_declared(self, declared: Declared) -> None:
        if len(declared.inputs) != 1:
            raise NetworkContractError(self._card, self._input.name, "is not the only input of the file")
        for contract, tensors in ((self._input, declared.inputs), *((each, declared.outputs) for each in self._card.outputs)):
            if contract.name not in tensors:
                raise NetworkContractError(self._card, contract.name, f"is not in the file, which has {', '.join(tensors)}")
            check_declared(self._card, contract, tensors[contract.name])


def _sentence(error: cv2.error) -> str:
    """The last line of OpenCV's words that says something; the first ones say where in its sources."""
    lines = [line.strip(" >'") for line in str(error).splitlines() if line.strip(" >'")]
    return lines[-1] if lines else type(error).__name__
