"""A little physics of faces, prints and screens before a camera with its own lamps. A simulation: label every number from it so.

raster      pictures as arrays: the door to OpenCV
optics      reflectances, gloss and emission, each with its source
head        the shape of a head, from a few lengths in centimetres
surface     what stands before the camera, as grids: height, reflectance, gloss, glow
species     the surfaces of a living person and of eight presentation attacks, each in many variants
motion      how a head is held and what the face does at one time
geometry    which point of a surface each pixel sees
shading     how much light each point sends to the camera
lights      the unit's lamps, and the light of the place
sensor      from light to eight bits: exposure, noise, tone curve
"""
