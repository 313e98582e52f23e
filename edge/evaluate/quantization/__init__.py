"""What a quantized network is made and judged with: the user's pictures, seen by the very stages that serve visitors.

material    the pictures of a folder or of a list of pairs, and frames of clips
inputs      what a network is fed when the stages look at pictures
embedding   the gate of an embedder: cosines, changed decisions on pairs, misses at the shipped threshold
texture     the gate of a texture network: changed decisions of the probe
detection   the gate of a detector: faces missed and added, how boxes and points move
judge       which gate a network has to pass
gate        what a gate asks for, and the verdict
"""
