"""The parts of the demonstration that need no programs."""
