"""Tests of the panel: its parts, its requests over a real socket, and its page in a real chromium."""
