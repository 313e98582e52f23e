"""Tests of what measures the cost of a frame: logic on made-up numbers, both usual loops on real frames, one whole short run."""
