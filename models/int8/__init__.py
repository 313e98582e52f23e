"""How a network becomes INT8 and stays close to what it was: one idea in each file.

recipe      what is chosen: kind of integers, observer, what is corrected
layers      a network as layers, a convolution and what follows it, with the multiplications of each
prepare     the graph in the form that integers suit
equalise    weights evened out between neighbouring layers (cross-layer equalisation)
watch       runs a network and looks at every tensor: extremes, histograms, channel means; the door to onnxruntime for this
ranges      from a histogram to a range: extremes, percentile, least squares, entropy
grid        numbers and the integers that stand for them
bias        what rounding shifts on average is taken back (bias correction)
qdq         writes the quantized file
fidelity    how far the answers of two networks are apart, by the purpose of a network
search      which layers stay in floats, the most sensitive first (mixed precision)

Whether a quantized network may be used, a gate says that needs pictures and stages: `edge.evaluate.quantization`.
"""
