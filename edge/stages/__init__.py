"""The steps of the pipeline, one file each.

detect      faces and five points          track      which face is attended to
grade       flaws and quality components   texture    traces of a print or a screen
landmarks   the dense mesh                 express    eyes, mouth and the turn of the head, by parallax
align       better points                  match      embeddings and likeness

infrared    how the face answers the unit's lamps, with
  face_grid       the light of the face, on a grid that moves with it
  lamp_response   what each lamp adds, by least squares
  answer          whether it is this visit's code
  relief          whether it has the shape of a face
  light_hindrance what keeps it from being judged
"""
