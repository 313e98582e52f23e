"""Tests of the unit's health: facts in, state, words, light and recovery out."""
