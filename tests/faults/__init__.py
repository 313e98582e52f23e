"""Fault stories: something breaks, the unit says so by light, screen and result, stays alive, and recovers."""
