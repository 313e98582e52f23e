"""The steps of the pipeline, one file each.

detect      faces and five points          track      which face is attended to
grade       flaws and quality components   texture    traces of a print or a screen
landmarks   eyes and mouth                 align      better points, the standard crop
match       embeddings and likeness
"""
