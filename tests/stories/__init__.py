"""One story for each way that a visitor may go: light, screen, voice and result on one time line."""
