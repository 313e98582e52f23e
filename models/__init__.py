"""Which networks we ship, where they come from, and the only doors through which they run.

card            the types of a model card
matcher         what turns a face into one embedding, its digest, its proven threshold
manifest        all cards by name, and `load_manifest`, which adds the entries of a user's own file
manifest.toml   the networks and matchers: origin, digest, licence, contract, threshold
manifest_file   reads such a file into cards, strictly
matcher_file    reads one matcher of it
acceptance      the record of a measurement that let a matcher in, or kept it out
acceptance_file reads and writes it
relief          the weights by which a face's relief is told, in relief.toml
texture_threshold  texture thresholds for one kind of camera, with their proof
face_shape      the mean face in space, out of a model's file of constants
strict_toml     a table of a TOML file, read key by key with nothing left over
store           finds a model file: mirror, beside its manifest, cache, upstream; checks its digest first
official        brings a file from its official origin, alone or out of a bundle; never a conversion
download        one published file into the cache, going on after a cut connection
variant         files made of a shipped one on this machine, each with the record of how
graph           rewrites a network so that it runs faster and answers the same
rewrites/       how: the exact changes of a graph
quantize        quantizes a network to INT8 with inputs that the caller gives
int8/           how: ranges, evening out, rounding, the search for sensitive layers
cache           the folder of fetched files: whole and checked, or not there at all
upstream        the port to the official addresses
fetch           the network door (httpx)
digests         SHA-256 of bytes and files
contract        what a card promises about tensors, checked
runtime         `Network`, and `open_network`, which picks the door
runtime_onnx    the onnxruntime door
runtime_tflite  the TensorFlow Lite door
runtime_opencv  the OpenCV DNN door, which only a board's choice opens
onnx_declared   what an ONNX file says of its inputs and outputs
question        a well-formed input made of noise
difference      how far two answers are apart
trial           opens a file in a process of its own first
trial_child     that process
board           which board this is
candidates      what could run for a model on this board
benchmark       measures that, in turns, and picks the fastest that answers the same
choice          what runs on this board, and for which files, libraries and board that holds
choice_file     reads and writes it
saved_session   what a library made of a file when it opened it, kept for the next start
cost            what one run costs on any machine: products and bytes
cost_onnx       counts an ONNX graph
cost_shapes     the shape of each of its tensors for one input
cost_tflite     counts a TensorFlow Lite graph
counting        networks that are counted as they run
library         several networks opened at once
calibration/    error rates and thresholds, shared by the bench and the centre
cards/          one page per model for people: source, licence, limits, measured figures
errors          what can go wrong in this room
"""
