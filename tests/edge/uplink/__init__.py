"""Tests of the delivery of results: the policy alone, and with a real broker."""
