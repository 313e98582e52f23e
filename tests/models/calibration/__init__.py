"""Tests of models/calibration."""
