"""Exact changes of an ONNX graph that make it faster; each leaves every answer as it was, within rounding.

network     an ONNX file as constants and nodes that can be changed, and back into the same bytes every time
tidy        newer operators, constants by name, lengths that the card fixes, nodes that nobody reads
norm        batch normalization, into the layer before it
slopes      PReLU: found however it is written, and written in the form that runs fastest
blocked     inputs that are not turned, and empty channels, in the layout that the kernels keep
channels    layers whose channels are no multiple of four get silent ones, so that the blocked kernels take them
from_tflite a TensorFlow Lite network written anew in ONNX, step by step
tflite_reader  reads such a file into tensors and steps
"""
