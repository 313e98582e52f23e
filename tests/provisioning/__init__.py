"""Tests of the centre: rules alone, stores on SQLite and PostgreSQL, the broker and the programs for real."""
