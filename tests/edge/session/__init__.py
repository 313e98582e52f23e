"""Tests of the judgement: the table, who counts for it, and the challenge."""
