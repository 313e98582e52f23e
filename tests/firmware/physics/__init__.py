"""The simulation against independent formulas: laws of light, geometry of a pinhole, shapes and noise."""
